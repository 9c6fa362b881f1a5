// Which nodes of a pool count as out of service.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { nodesDown } from "../../../components/providers/membership/drain-member.ts";
import { owner } from "../../support/provider-inputs.ts";

function node(name: string, ready: string, annotations: Record<string, string> = {}): Node {
  const stamps = { "nodepools.local/owner": owner, "nodepools.local/pool": "workers" };
  return {
    metadata: { name, annotations: { ...stamps, ...annotations } },
    status: {
      nodeInfo: { bootID: "boot-1" } as NonNullable<NonNullable<Node["status"]>["nodeInfo"]>,
      conditions: [{ type: "Ready", status: ready }],
    },
  };
}

const rebooting = (bootId: string, down: boolean) => ({
  "nodepools.local/rebooting": JSON.stringify({ trigger: "1", bootId, uncordon: true, down }),
});

it.each<[string, Node, string[]]>([
  ["a Ready one does not", node("w1", "True"), []],
  ["one that reports trouble does", node("w1", "False"), ["w1"]],
  ["one that does not report does", node("w1", "Unknown"), ["w1"]],
  ["one that shows no condition does", { ...node("w1", "True"), status: {} }, ["w1"]],
  ["one of another pool does not", node("w1", "False", { "nodepools.local/pool": "batch" }), []],
  ["one of another stack does not", node("w1", "False", { "nodepools.local/owner": "a/b/c" }), []],
  [
    "one that leaves does not",
    node("w1", "False", { "nodepools.local/leaving": "2026-01-01T00:00:00Z" }),
    [],
  ],
  ["a lost one does not", node("gone", "Unknown"), []],
  [
    "one that was asked to reboot does, as long as it shows its former boot",
    node("w1", "True", rebooting("boot-1", true)),
    ["w1"],
  ],
  ["one that is back from its reboot does not", node("w1", "True", rebooting("boot-0", true)), []],
  ["one that is only drained before its reboot does not", node("w1", "True", rebooting("boot-1", false)), []],
])("%s", (_what, seen, expected) => {
  expect(nodesDown([seen], { pool: "workers", owner }, (name) => name === "gone")).toEqual(expected);
});
