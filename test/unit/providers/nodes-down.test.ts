// Which nodes of a pool count as out of service.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { hashTrigger } from "../../../components/model/mark-values.ts";
import type { MarkEdits } from "../../../components/model/node-marks.ts";
import { nodesDown } from "../../../components/providers/membership/drain-member.ts";
import { countsIn } from "../../../components/providers/pool-of.ts";
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";

function node(name: string, ready: string, marks: MarkEdits = {}): Node {
  return {
    metadata: { name, labels: markLabels({ owner, pool: "workers", ...marks }) },
    status: {
      nodeInfo: { bootID: "boot-1" } as NonNullable<NonNullable<Node["status"]>["nodeInfo"]>,
      conditions: [{ type: "Ready", status: ready }],
    },
  };
}

const rebooting = (bootId: string, down: boolean) => ({
  reboot: { trigger: hashTrigger("1"), bootId, uncordon: true, down },
});

it.each<[string, Node, string[]]>([
  ["a Ready one does not", node("w1", "True"), []],
  ["one that reports trouble does", node("w1", "False"), ["w1"]],
  ["one that does not report does", node("w1", "Unknown"), ["w1"]],
  ["one that shows no condition does", { ...node("w1", "True"), status: {} }, ["w1"]],
  ["one that leaves does not", node("w1", "False", { leaving: "2026-01-01T00:00:00Z" }), []],
  ["a lost one does not", node("gone", "Unknown"), []],
  [
    "one that was asked to reboot does, as long as it shows its former boot",
    node("w1", "True", rebooting("boot-1", true)),
    ["w1"],
  ],
  ["one that is back from its reboot does not", node("w1", "True", rebooting("boot-0", true)), []],
  ["one that is only drained before its reboot does not", node("w1", "True", rebooting("boot-1", false)), []],
])("%s", (_what, seen, expected) => {
  expect(nodesDown([seen], (name) => name === "gone")).toEqual(expected);
});

it("M5 a kubelet hides with no annotation that its node is down", () => {
  const seen = node("w1", "False");
  const forged = { "nodepools.local/leaving": "2026-01-01T00:00:00Z", "nodepools.local/owner": "a/b/c" };
  expect(nodesDown([{ ...seen, metadata: { ...seen.metadata, annotations: forged } }], () => false)).toEqual([
    "w1",
  ]);
});

describe("a pool", () => {
  const former: Node = {
    metadata: {
      name: "w1",
      annotations: { "nodepools.local/owner": owner, "nodepools.local/pool": "batch" },
    },
  };
  const intruder: Node = { ...former, metadata: { ...former.metadata, name: "w9" } };
  const config = [{ name: "workers", hosts: [{ name: "w1", address: "192.0.2.1" }] }];

  it.each<[string, Node, boolean]>([
    ["its declared node", node("w1", "True"), true],
    ["its declared node, whatever pool the Node says", node("w1", "True", { pool: "batch" }), true],
    ["its declared node, stamped by an earlier version", former, true],
    ["no node that is stamped by another stack", node("w1", "True", { owner: "a/b/c" }), false],
    ["no declared node that has only registered so far", { metadata: { name: "w1" } }, false],
    ["no node that says of itself that it is one", intruder, false],
    ["no node that was given up", node("w9", "True"), false],
  ])("counts %s", (_what, seen, counts) => {
    const heard = operationOver({});
    heard.declaration.hear({ ...rosterInputs(["w1"]), lost: [] });
    const told = operationOver({}, { pools: config });
    told.told.declared({ node: "w1", owner, pool: "workers" });
    for (const operation of [heard, operationOver({}, { pools: config }), told])
      expect(countsIn(operation, seen, "workers", owner)).toBe(counts);
  });

  it("M5 that nothing declares any more counts the nodes with its mark, which no kubelet writes", () => {
    const operation = operationOver({});
    expect(countsIn(operation, node("w9", "True"), "workers", owner)).toBe(true);
    expect(countsIn(operation, { ...intruder }, "batch", owner)).toBe(false);
  });

  it("gets a node that moved there in this run, before the config's roster was heard", () => {
    const operation = operationOver({});
    operation.told.declared({ node: "w1", owner, pool: "batch" });
    expect(countsIn(operation, node("w1", "True"), "batch", owner)).toBe(true);
    expect(countsIn(operation, node("w1", "True"), "workers", owner)).toBe(false);
  });
});
