// The line that the outputs of a stack have for each pool.
import { expect, it } from "vitest";
import type { NodeStatus } from "../../../components/model/node-status.ts";
import { summarizePool } from "../../../components/model/pool-summary.ts";

const seen = (ready = "True", schedulable = true): NodeStatus => ({
  pool: "workers",
  ...{ ready, schedulable, kubeletVersion: "v1.34.4", containerRuntime: "", internalIp: "" },
});
const member = (name: string, status: NodeStatus | undefined = seen()) => ({ name, status });
const unknown = (name: string) => ({ name, status: undefined });

it.each([
  ["a pool without nodes", [], "0 nodes"],
  ["one that is well", [member("w1")], "1 node, all Ready"],
  ["one whose node is to join", [unknown("w1")], "1 node, changing: w1"],
  [
    "one that is not",
    [
      member("w1"),
      member("w2", seen("False")),
      member("w3", { pool: "workers", ready: "NotFound" }),
      member("w4", seen("True", false)),
      unknown("w5"),
    ],
    "5 nodes, 2 Ready, not: w2 (False) w3 (NotFound), cordoned: w4, changing: w5",
  ],
  [
    "a large change",
    ["w1", "w2", "w3", "w4", "w5", "w6", "w7"].map(unknown),
    "7 nodes, changing: w1 w2 w3 w4 w5 and 2 more",
  ],
])("tells of %s", (_, members, text) => {
  expect(summarizePool(members)).toBe(text);
});
