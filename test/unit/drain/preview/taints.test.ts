// Which pods a preview names for a new taint of effect NoExecute.
import { expect, it } from "vitest";
import type { Taint } from "../../../../components/model/taint.ts";
import { cart, db, leaving, lines, node, podOn } from "./scenes.ts";

const taint: Taint = { key: "dedicated", value: "batch", effect: "NoExecute" };
const addedTaints = [{ nodeName: "w9", taint }];
const tolerating = (...tolerations: object[]) => ({ tolerations });

it("J-37 names the owners of the pods that do not tolerate it, and nothing else", () => {
  const pods = [
    podOn("w9", "cart-1", cart),
    podOn("w9", "db-0", db, tolerating({ key: "other", operator: "Exists" })),
    podOn("w9", "agent", { owner: { kind: "DaemonSet", name: "agent" } }),
    podOn("w8", "cart-2", cart),
  ];
  expect(lines(pods, { disrupted: [], nodes: [node("w8"), node("w9")], addedTaints })).toEqual([
    "new taint dedicated=batch:NoExecute on w9 evicts 3 pods regardless of budgets: shop/DaemonSet agent 1, shop/Deployment cart 1, shop/StatefulSet db 1",
  ]);
});

it.each([
  ["tolerates it", podOn("w9", "a", db, tolerating({ key: "dedicated", value: "batch" }))],
  ["tolerates everything", podOn("w9", "a", db, tolerating({ operator: "Exists" }))],
  ["has finished", podOn("w9", "a", { ...db, phase: "Succeeded" })],
  ["is the host's own", podOn("w9", "a", { mirror: true })],
])("says nothing of a pod that %s", (_what, pod) => {
  expect(lines([pod], { disrupted: [], nodes: [node("w9")], addedTaints })).toEqual([]);
});

it("counts a pod that tolerates it for a while only", () => {
  const pod = podOn(
    "w9",
    "a",
    db,
    tolerating({ operator: "Exists" }, { key: "dedicated", operator: "Exists", tolerationSeconds: 60 }),
  );
  expect(lines([pod], { disrupted: [], nodes: [node("w9")], addedTaints })).toHaveLength(1);
});

it("says nothing of a node that has the taint already, or is drained in the same change", () => {
  const pods = [podOn("w9", "cart-1", cart)];
  const tainted = node("w9", { taints: [taint] });
  expect(lines(pods, { disrupted: [], nodes: [tainted], addedTaints })).toEqual([]);
  const told = lines(pods, {
    disrupted: [leaving("w9", {}, { disruption: "maintenance" })],
    nodes: [node("w9")],
    addedTaints,
  });
  expect(told.filter((line) => line.includes("taint"))).toEqual([
    "no place for 1 pod, by taints, nodeSelector, node affinity or volumes, on the 0 nodes that stay and take pods: shop/cart-1",
  ]);
});
