// What a preview says becomes of the pods, exactly.
import { expect, it } from "vitest";
import { cart, db, leaving, lines, node, now, podOn } from "./scenes.ts";

const withoutRoom = (all: string[]) => all.filter((line) => !line.startsWith("room by requests"));

it("counts the pods that move by their owner, over all leaving nodes", () => {
  const pods = [
    podOn("w2", "db-0", db),
    podOn("w1", "cart-1", cart),
    podOn("w2", "cart-2", cart),
    podOn("w9", "db-1", db),
    podOn("w9", "cart-3", cart),
  ];
  expect(withoutRoom(lines(pods, { disrupted: [leaving("w2"), leaving("w1")] }))).toEqual([
    "2 nodes leave: w1, w2",
    "3 pods move: shop/Deployment cart 2, shop/StatefulSet db 1",
  ]);
});

it("names three owners and counts the rest", () => {
  const pods = ["a", "b", "c", "d", "e"].flatMap((name) => [
    podOn("w1", `${name}-1`, { owner: { kind: "Job", name } }),
    podOn("w9", `${name}-2`, { owner: { kind: "Job", name } }),
  ]);
  expect(lines(pods)[1]).toBe("5 pods move: shop/Job a 1, shop/Job b 1, shop/Job c 1 and 2 more");
});

it("says so when nothing moves, and nothing of pods that belong to the node", () => {
  const pods = [
    podOn("w1", "agent-1", { owner: { kind: "DaemonSet" } }),
    podOn("w1", "static", { mirror: true }),
  ];
  expect(lines(pods)).toEqual(["1 node leaves: w1", "no pods move"]);
});

it("says nothing of pods of a node that is not in the cluster: it is not drained", () => {
  const nodes = [node("w9")];
  expect(lines([podOn("w1", "cart-1", cart)], { nodes })).toEqual(["1 node leaves: w1", "no pods move"]);
});

it("tells which drains are refused, and which option allows them", () => {
  const pods = [
    podOn("w1", "bare", { owner: "none" }),
    podOn("w2", "naked", { owner: "none" }),
    podOn("w1", "scratch", { emptyDir: "disk" }),
    podOn("w1", "cart-1", cart),
    podOn("w9", "cart-2", cart),
  ];
  expect(withoutRoom(lines(pods, { disrupted: [leaving("w1"), leaving("w2")] })).slice(1)).toEqual([
    "1 pod moves: shop/Deployment cart 1",
    "the drain of w1 will be refused for pods with emptyDir data (drain.deleteEmptyDirData allows it): shop/scratch",
    "the drain of w1, w2 will be refused for pods without a controller (drain.force allows it): shop/bare, shop/naked",
  ]);
});

it("tells that a DaemonSet could not be read, as the drain would", () => {
  const pods = [podOn("w1", "agent-1", { owner: { kind: "DaemonSet" } })];
  expect(lines(pods, { daemonSetExists: () => undefined }).slice(2)).toEqual([
    "the drain of w1 will be refused for pods whose DaemonSet could not be read: shop/agent-1",
  ]);
});

it("tells which pods nobody creates again", () => {
  const pods = [podOn("w1", "bare", { owner: "none" })];
  expect(lines(pods, { disrupted: [leaving("w1", { force: true })] }).slice(1)).toEqual([
    "no pods move",
    "gone for good, no controller creates them again: shop/bare",
  ]);
});

it("tells finished pods and evicted pods of DaemonSets from those that move", () => {
  const pods = [
    podOn("w1", "job-1", { owner: { kind: "Job", name: "job" }, phase: "Succeeded" }),
    podOn("w1", "agent-1", { owner: { kind: "DaemonSet" } }),
  ];
  expect(lines(pods, { disrupted: [leaving("w1", { evictDaemonSetPods: true })] }).slice(1)).toEqual([
    "no pods move",
    "finished pods are removed: shop/job-1",
    "pods of DaemonSets are evicted as well, last: shop/agent-1",
  ]);
});

it("tells pods that are waited for: terminating, or by a rule until they complete", () => {
  const rules = [{ name: "jobs", pods: "app=job", action: "waitCompleted" } as const];
  const pods = [
    podOn("w1", "cart-1", { ...cart, deletedAt: now }),
    podOn("w1", "job-1", { owner: { kind: "Job" }, labels: { app: "job" } }),
  ];
  expect(lines(pods, { disrupted: [leaving("w1", { rules })] }).slice(2)).toEqual([
    'the drain waits for shop/job-1: has to complete by itself (rule "jobs")',
    "the drain waits for shop/cart-1: terminating, but not gone",
  ]);
});

it("tells pods that are not drained and stop with their host: not selected, or skipped by a rule", () => {
  const rules = [{ name: "caches", namespaces: "kind=cache", action: "skip" } as const];
  const pods = [
    podOn("w1", "cart-1", { ...cart, labels: { app: "web" } }),
    podOn("w1", "db-0", db),
    podOn("w2", "cart-2", cart),
    podOn("w1", "agent-1", { owner: { kind: "DaemonSet" } }),
    podOn("w1", "done", { ...db, phase: "Succeeded" }),
    podOn("w1", "static", { mirror: true, labels: {} }),
  ];
  const nodes = [leaving("w1", { podSelector: "app=web" }), leaving("w2", { rules })];
  const told = lines(pods, { disrupted: nodes, namespaceLabels: () => ({ kind: "cache" }) });
  expect(told.filter((line) => line.startsWith("not drained"))).toEqual([
    'not drained, stopped with their host: pods skipped by rule "caches": shop/cart-2',
    "not drained, stopped with their host: pods that drain.podSelector does not select stay: shop/db-0",
  ]);
});

it("tells what an unreachable node leaves behind, and the disruption of its volumes", () => {
  const pods = [podOn("w1", "db-0", { ...db, deletedAt: now - 60 })];
  const silent = leaving("w1", {}, { unreachable: true, attachedVolumes: 2 });
  expect(lines(pods, { disrupted: [silent] })).toEqual([
    "1 node leaves: w1",
    "unreachable: w1; nothing stops the pods there, and 2 volumes stay attached until the machine is proven off",
    "no pods move",
    "not drained, stopped with their host: pods left behind on a node that does not answer: shop/db-0",
  ]);
});

it("tells whose only pod moves, counting the owner's pods everywhere", () => {
  const pods = [
    podOn("w1", "db-0", db),
    podOn("w9", "db-1", { ...db, phase: "Failed" }),
    podOn("w1", "cart-1", cart),
    podOn("w9", "cart-2", {
      ...cart,
      owner: { kind: "ReplicaSet", name: "cart-6f1" },
      labels: { "pod-template-hash": "6f1" },
    }),
    podOn("w1", "agent-1", { owner: { kind: "DaemonSet" } }),
    podOn("w9", "single", { owner: { kind: "Job", name: "stays" } }),
  ];
  expect(lines(pods).filter((line) => line.startsWith("down"))).toEqual([
    "down while their only pod moves: shop/StatefulSet db",
  ]);
});
