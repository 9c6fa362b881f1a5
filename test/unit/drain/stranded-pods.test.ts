// Pods that have nowhere to go, in a cluster that leaves as a whole.
import { describe, expect, it } from "vitest";
import { blockedCluster, cordoned, ready, refusal } from "./blocked-cluster.ts";
import { drainPlayed, machine } from "./played-cluster.ts";
import { budget, pod } from "./pods.ts";

it("D-B2 pods under a budget that cannot be counted end the drain after a minute, with the cluster's words", async () => {
  const cluster = blockedCluster(pod("web-1", ready));
  cluster.nodes.push(machine("w2", "m2"));
  const condition = { type: "DisruptionAllowed", status: "False", reason: "SyncFailed" };
  const conditions = [{ ...condition, message: "no scale", lastTransitionTime: new Date(0) }];
  cluster.budgets = [budget("web", { minAvailable: 1 }, { conditions })];
  const begun = cluster.time;
  const { failure } = await drainPlayed(cluster);
  expect(failure).toContain(
    "1 pod cannot be evicted:\n  - budget shop/web allows nothing, its pods cannot be counted (no scale): shop/web-1\n",
  );
  expect(cluster.time - begun).toBeLessThan(120);
});

it("D-B6 pods for which a budget waits and the scheduler finds no node are told, with its words", async () => {
  const cluster = blockedCluster(pod("web-1", ready));
  cluster.nodes.push(machine("w2", "m2"));
  const message = "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules.";
  const conditions = [{ type: "PodScheduled", status: "False", message }];
  const pending = { ...pod("web-9"), status: { phase: "Pending", conditions } };
  const other = pod("other-1", { owner: { kind: "ReplicaSet", name: "other" } });
  cluster.elsewhere = [pending, { ...other, status: { phase: "Pending", conditions } }];
  const { failure } = await drainPlayed(cluster);
  expect(failure).toContain("1 pod still there after 300 s:");
  expect(failure).toMatch(/\nWithout a node:\n {2}- Pending: 0\/2 nodes .* rules\.: shop\/web-9$/);
});

describe("D-V33 pods of a budget that waits for others which no node takes", () => {
  const remedy =
    "Every node that could take their pods is cordoned. Scale their owners down or delete the budgets, " +
    "or declare drain.onTimeout: deletePods, then run again.";

  it("end the drain of a cluster that leaves as a whole, with what helps", async () => {
    const cluster = blockedCluster(pod("web-1", ready));
    cluster.nodes = [machine("w1", "m1"), { ...machine("w2", "m2"), ...cordoned }];
    const begun = cluster.time;
    const { failure } = await drainPlayed(cluster);
    expect(failure).toBe(
      'draining node "w1": 1 pod cannot be evicted:\n' +
        "  - budget shop/web allows 0 (needs 3, has 3), and no node is left that takes its pods: shop/web-1\n" +
        `All other pods are gone. The Node stays cordoned. ${remedy}`,
    );
    expect(cluster.time - begun).toBeLessThan(120);
  });

  it("take no node with a taint that they do not tolerate, such as a control plane's, for one that is left", async () => {
    const cluster = blockedCluster(pod("web-1", ready));
    const taints = [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }];
    cluster.nodes = [machine("w1", "m1"), { ...machine("cp", "m0"), spec: { taints } }];
    expect((await drainPlayed(cluster)).failure).toContain(remedy);
  });

  it("are waited for while a node is left, be it one that is not Ready yet", async () => {
    const cluster = blockedCluster(pod("web-1", ready));
    cluster.nodes = [machine("w1", "m1"), { ...machine("w2", "m2"), status: {} }];
    const { failure } = await drainPlayed(cluster);
    expect(failure).toContain(
      "1 pod still there after 300 s:\n  - budget shop/web allows 0 (needs 3, has 3): shop/web-1\n",
    );
  });

  it("are deleted in the end where that is declared", async () => {
    const cluster = blockedCluster(pod("web-1", { ...ready, grace: 30 }));
    const { failure } = await drainPlayed(cluster, { onTimeout: "deletePods" });
    expect(failure).toBeUndefined();
    expect(cluster.deleted).toEqual(["web-1"]);
  });

  it("go once the budget allows it, although no node is left", async () => {
    const cluster = blockedCluster(pod("web-1", ready));
    const begun = cluster.time;
    cluster.onEviction = () => (cluster.time - begun > 40 ? undefined : refusal);
    const { failure } = await drainPlayed(cluster);
    expect(failure).toBeUndefined();
    expect(cluster.evicted).toEqual(["web-1"]);
  });
});
