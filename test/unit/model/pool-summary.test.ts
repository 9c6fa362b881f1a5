// The line that a preview has for each pool with nodes that differ.
import { expect, it } from "vitest";
import type { NodeStatus } from "../../../components/model/node-status.ts";
import { summarizeChange } from "../../../components/model/pool-summary.ts";

const seen = (ready = "True", schedulable = true): NodeStatus => ({
  pool: "workers",
  ...{ ready, schedulable, kubeletVersion: "v1.34.4", containerRuntime: "", internalIp: "" },
});
const member = (name: string, status: NodeStatus | undefined = seen()) => ({ name, status });
const unknown = (name: string) => ({ name, status: undefined });

const rest = ". All nodes: pulumi stack output nodes";

it.each([
  ["a pool without nodes", [], undefined],
  ["one in which nothing differs", [member("w1"), member("w2", seen("False"))], undefined],
  ["one whose node is to join", [unknown("w1")], `1 node; 1 differs after this run: w1${rest}`],
  [
    "one that is not well",
    [
      member("w1"),
      member("w2", seen("False")),
      member("w3", { pool: "workers", ready: "NotFound" }),
      member("w4", seen("True", false)),
      unknown("w5"),
    ],
    `5 nodes; 2 Ready; not Ready: w2 (False), w3 (NotFound); cordoned: w4; 1 differs after this run: w5${rest}`,
  ],
  [
    "a large change",
    ["w1", "w2", "w3", "w4", "w5", "w6", "w7"].map(unknown),
    `7 nodes; 7 differ after this run: w1, w2, w3, w4, w5 and 2 more${rest}`,
  ],
])("tells of %s", (_, members, text) => {
  expect(summarizeChange(members)).toBe(text);
});
