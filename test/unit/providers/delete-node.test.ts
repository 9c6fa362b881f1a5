// The Node of a machine that is no longer joined goes, and what keeps it is told as what it is.
import { expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { deleteOwnNode } from "../../../components/providers/enrollment/delete-node.ts";
import { leapingClock } from "../../support/clocks.ts";
import { operationOver } from "../../support/operation.ts";

const owner = "acme/nodepools/prod";
const expected = { node: "w1", machineId: "m1", owner };

function nodeOf(
  uid: string,
  others: { readonly machineID?: string; readonly finalizers?: string[] } = {},
): Node {
  const { machineID = "m1", finalizers = [] } = others;
  const annotations = { "nodepools.local/owner": owner };
  return {
    metadata: { name: "w1", uid, annotations, finalizers },
    status: { nodeInfo: { machineID } },
  } as never;
}

/** A cluster whose answers about the Node are given one by one; the last one stays. */
function clusterThatShows(...answers: readonly (Node | undefined)[]) {
  const deleted: string[] = [];
  const clock = leapingClock();
  let looks = 0;
  const kube = {
    readNode: async () => answers[Math.min(looks++, answers.length - 1)],
    deleteNode: async (_name: string, uid: string) => {
      deleted.push(uid);
      return "deleted" as const;
    },
  };
  return { deleted, clock, operation: operationOver(kube, { clock }) };
}

it("is gone without a wait where there was none", async () => {
  const { operation, clock, deleted } = clusterThatShows(undefined);
  expect(await deleteOwnNode(operation, expected)).toEqual({ kind: "gone" });
  expect([clock.sleeps, deleted]).toEqual([[], []]);
});

it("is deleted once, and looked at once more", async () => {
  const { operation, clock, deleted } = clusterThatShows(nodeOf("a"), undefined);
  expect(await deleteOwnNode(operation, expected)).toEqual({ kind: "gone" });
  expect([clock.sleeps, deleted]).toEqual([[1], ["a"]]);
});

it("L1 that is another machine's is left, and the reason is told", async () => {
  const { operation, deleted } = clusterThatShows(nodeOf("a", { machineID: "m9" }));
  expect(await deleteOwnNode(operation, expected)).toEqual({
    kind: "left",
    reason: "it is another machine now (machine-id m9, ours was m1)",
  });
  expect(deleted).toEqual([]);
});

it("that a finalizer keeps never came back: it is deleted once, and the finalizer is named", async () => {
  const { operation, deleted } = clusterThatShows(nodeOf("a", { finalizers: ["example.com/hold"] }));
  await expect(deleteOwnNode(operation, expected)).rejects.toThrow(
    'deleting node "w1": it is deleted, but kept after 15 s by its finalizers example.com/hold',
  );
  expect(deleted).toEqual(["a"]);
});

it("that is gone at the last look is gone", async () => {
  const back = Array.from({ length: 15 }, (_, at) => nodeOf(`${at}`));
  const { operation, deleted } = clusterThatShows(...back, undefined);
  expect(await deleteOwnNode(operation, expected)).toEqual({ kind: "gone" });
  expect(deleted).toHaveLength(15);
});

it("that a kubelet registers again and again is told as that", async () => {
  const back = Array.from({ length: 40 }, (_, at) => nodeOf(`${at}`));
  const { operation } = clusterThatShows(...back);
  await expect(deleteOwnNode(operation, expected)).rejects.toThrow(
    /it came back \d+ times in 15 s: a kubelet still registers it/,
  );
});
