// What a preview says about leaving nodes, exactly.
import { expect, it } from "vitest";
import {
  describeRemoval,
  type LeavingNode,
  type RemovalFacts,
} from "../../../components/drain/describe-removal.ts";
import type { Pod } from "../../../components/kube/api.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { budget, pod } from "./pods.ts";

const now = Date.parse("2030-01-01T00:00:00Z");
const cart = {
  labels: { app: "web", "pod-template-hash": "5d9" },
  owner: { kind: "ReplicaSet", name: "cart-5d9" },
};
const db = { labels: { app: "db" }, owner: { kind: "StatefulSet", name: "db" } };

function leaving(nodeName: string, pods: Pod[], policy: Partial<DrainPolicy> = {}): LeavingNode {
  const strict = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false };
  return { nodeName, pods, policy: { ...strict, ...policy }, unreachable: false };
}

function removal(nodes: LeavingNode[], budgets: RemovalFacts["budgets"] = []): string[] {
  return describeRemoval({ leaving: nodes, budgets, daemonSetExists: () => true, now });
}

it("counts the pods that move by their owner, node by node in order", () => {
  const lines = removal([
    leaving("w2", [pod("db-0", db)]),
    leaving("w1", [pod("cart-1", cart), pod("db-1", db), pod("cart-2", cart)]),
  ]);
  expect(lines).toEqual([
    "w1: 3 pods move: shop/Deployment cart 2, shop/StatefulSet db 1",
    "w2: 1 pod moves: shop/StatefulSet db 1",
  ]);
});

it("says so when nothing moves", () => {
  const agent = pod("agent-1", { owner: { kind: "DaemonSet" } });
  expect(removal([leaving("w1", [agent, pod("static", { mirror: true })])])).toEqual(["w1: no pods move"]);
});

it("tells what will be refused and which option allows it", () => {
  const lines = removal([
    leaving("w1", [
      pod("bare", { owner: "none" }),
      pod("scratch", { emptyDir: "disk" }),
      pod("cart-1", cart),
    ]),
  ]);
  expect(lines).toEqual([
    "w1: 1 pod moves: shop/Deployment cart 1",
    "w1: the drain will be refused for pods with emptyDir data (drain.deleteEmptyDirData allows it): shop/scratch",
    "w1: the drain will be refused for pods without a controller (drain.force allows it): shop/bare",
  ]);
});

it("tells what is lost when the policy allows it, and what is terminating already", () => {
  const pods = [
    pod("bare", { owner: "none" }),
    pod("scratch", { ...cart, emptyDir: "disk" }),
    pod("leaving", { ...cart, deletedAt: now }),
  ];
  expect(removal([leaving("w1", pods, { force: true, deleteEmptyDirData: true })])).toEqual([
    "w1: 1 pod moves: shop/Deployment cart 1",
    "w1: not created again: shop/bare",
    "w1: emptyDir data is lost: shop/scratch",
    "w1: 1 pod already terminating",
  ]);
});

it("V30 tells how many evictions a budget allows now, over all leaving nodes", () => {
  const web = budget(
    "web",
    { minAvailable: 1 },
    { disruptionsAllowed: 1, expectedPods: 2, desiredHealthy: 1 },
  );
  const nodes = [leaving("w1", [pod("cart-1", cart)]), leaving("w2", [pod("cart-2", cart)])];
  expect(removal(nodes, [web]).slice(2)).toEqual([
    "budget shop/web allows 1 of 2 evictions now, the rest waits",
  ]);
  expect(removal(nodes.slice(0, 1), [web]).slice(1)).toEqual(["budget shop/web allows 1 of 1 eviction now"]);
});

it("V03 tells which budget can never allow an eviction", () => {
  const web = budget("web", { maxUnavailable: 0 });
  expect(removal([leaving("w1", [pod("cart-1", cart)])], [web]).slice(1)).toEqual([
    "budget shop/web can never allow an eviction, maxUnavailable is 0: shop/cart-1",
  ]);
});

it("V04 tells which pods two budgets select", () => {
  const open = { disruptionsAllowed: 5, expectedPods: 9, desiredHealthy: 1 };
  const budgets = [budget("web", { minAvailable: 1 }, open), budget("all", { selector: {} }, open)];
  expect(removal([leaving("w1", [pod("cart-1", cart)])], budgets).slice(1)).toEqual([
    "no eviction is possible while several budgets (shop/all, shop/web) select: shop/cart-1",
  ]);
});

it("V06 V07 leaves out budgets that the server does not ask about the pods", () => {
  const pods = [pod("a", { ...cart, phase: "Pending" }), pod("b", { ...cart, phase: "Succeeded" })];
  expect(removal([leaving("w1", pods)], [budget("web", { maxUnavailable: 0 })])).toEqual([
    "w1: 2 pods move: shop/Deployment cart 2",
  ]);
});
