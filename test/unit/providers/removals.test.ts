// What a stack tells of nodes whose removal has begun.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { describeRemovals, isRemovalPending } from "../../../components/providers/roster/removals.ts";
import { leapingClock } from "../../support/clocks.ts";
import { operationOver } from "../../support/operation.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";

const clock = leapingClock();
const node = (name: string, stamp = owner): Node => ({
  metadata: { name, annotations: { "nodepools.local/owner": stamp } },
  status: {
    conditions: [{ type: "Ready", status: "True" }],
    addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
  },
});
const over = (...nodes: Node[]) => operationOver({ listNodes: async () => nodes }, { clock });

it("J-A8 lists them as they are, cordoned, with what is pending", async () => {
  const leaving = ["w2", "w3"].map((name) => ({ node: name, pool: "workers" }));
  expect(await describeRemovals(over(node("w2")), leaving)).toEqual({
    at: clock.now(),
    nodes: {
      w2: {
        pool: "workers",
        ready: "True",
        schedulable: false,
        kubeletVersion: "",
        internalIp: "192.0.2.1",
        containerRuntime: "",
        conditions: [],
        removal: "pending",
      },
      w3: { pool: "workers", ready: "NotFound", removal: "pending" },
    },
  });
});

it("says nothing when none leaves", async () => {
  expect(await describeRemovals(over(), [])).toBeUndefined();
});

it.each([
  ["its Node is still ours", [node("w2")], true],
  ["its Node is gone", [], false],
  ["its Node was given to somebody else", [node("w2", "a/b/c")], false],
  ["its Node was given back", [{ metadata: { name: "w2" } }], false],
])("J-A8 a removal that has not ended is work that is left while %s", async (_what, nodes, expected) => {
  const news = rosterInputs(["w1"], { pending: [{ node: "w2", pool: "workers" }] });
  expect(await isRemovalPending(over(...(nodes as Node[])), news)).toBe(expected);
});
