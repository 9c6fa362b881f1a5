// Which nodes are cordoned before the first of a change is drained, where the pools are declared in code alone.
import { expect, it, vi } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { cordonChange, cordonLeaving } from "../../../components/providers/cordon.ts";
import { leapingClock } from "../../support/clocks.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import { enrollmentInputs, owner } from "../../support/provider-inputs.ts";

const voice = () => ({ now: vi.fn(), done: vi.fn(), say: vi.fn(), warn: vi.fn() });

function nodeOf(name: string, pool = "workers"): Node {
  return { metadata: { name, labels: markLabels({ owner, pool }), resourceVersion: "1" } };
}

/** Has the engine tell of these hosts, of so many in all; returns which Nodes are cordoned then. */
async function cordonedAfter(told: readonly string[], members: number): Promise<string[]> {
  const cordoned: string[] = [];
  const nodes = [nodeOf("w1"), nodeOf("w2"), nodeOf("w3"), nodeOf("x1", "former")];
  const changeNode = async (node: Node) => {
    cordoned.push(node.metadata?.name ?? "");
    return node;
  };
  const operation = operationOver({ listNodes: async () => nodes, changeNode }, { clock: leapingClock() });
  for (const node of told) {
    operation.told.declared({
      ...enrollmentInputs({ node }),
      roster: { members, pool: "workers", maxUnavailable: 1 },
    });
    operation.told.decided(node);
  }
  await cordonChange(operation, voice());
  return cordoned.sort();
}

it("cordons what the program does not declare, in pools that it declares no longer too", async () => {
  expect(await cordonedAfter(["w1", "w2"], 2)).toEqual(["w3", "x1"]);
});

it("cordons nothing as long as the engine has not told of all hosts: one that waits for its slot stays", async () => {
  expect(await cordonedAfter(["w1", "w2"], 3)).toEqual([]);
});

it("says of those alone that could take pods until now that they were cordoned", async () => {
  const nodes = [nodeOf("w1"), { ...nodeOf("w2"), spec: { unschedulable: true } }];
  const operation = operationOver(
    { listNodes: async () => nodes, changeNode: async (node: Node) => node },
    { clock: leapingClock() },
  );
  const progress = voice();
  await cordonLeaving(operation, [{ node: "w1" }, { node: "w2" }], owner, progress);
  expect(progress.say.mock.calls).toEqual([["cordoned before the first drain: w1"]]);
});

it.each([
  ["whose machine is the member's is cordoned", "m1", ["w1"]],
  ["of another machine is left alone", "m2", []],
  ["of which nothing tells whose it is is left alone", undefined, []],
])("a leaving Node that lost its stamp %s", async (_which, machineId, expected) => {
  const cordoned: (string | undefined)[] = [];
  const nodeInfo = { machineID: "m1" } as NonNullable<Node["status"]>["nodeInfo"];
  const bare: Node = {
    metadata: { name: "w1", resourceVersion: "1" },
    status: { ...(nodeInfo && { nodeInfo }) },
  };
  const changeNode = async (node: Node) => {
    cordoned.push(node.metadata?.name);
    return node;
  };
  const operation = operationOver({ listNodes: async () => [bare], changeNode }, { clock: leapingClock() });
  await cordonLeaving(operation, [{ node: "w1", ...(machineId && { machineId }) }], owner, voice());
  expect(cordoned).toEqual(expected);
});
