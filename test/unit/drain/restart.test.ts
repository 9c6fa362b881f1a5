// Pods that a rollout moves, in a cluster played in memory on a clock that leaps.
import { describe, expect, it } from "vitest";
import type { Pod, Rollout, Workload } from "../../../components/kube/api.ts";
import { KubeError } from "../../../components/kube/kube-error.ts";
import { clusterWith, ready } from "./blocked-cluster.ts";
import { drainPlayed, type PlayedCluster } from "./played-cluster.ts";
import { budget, type PodTraits, pod } from "./pods.ts";

const policy = { rules: [{ name: "first", action: "restart" }] } as const;
const cart: PodTraits = { ...ready, owner: { kind: "ReplicaSet", name: "cart-1", uid: "rs-1" } };
const fresh: PodTraits = { owner: { kind: "ReplicaSet", name: "cart-2", uid: "rs-2" } };
const rolling: Rollout = { version: "1", isObserved: true, isPaused: false, surge: 1, unavailable: 0 };

function workload(uid: string, more: Partial<Workload> = {}): Workload {
  return { uid, replicas: 1, selector: "app=web", isEnding: false, revision: "1", ...more };
}

const controller = { apiVersion: "apps/v1", kind: "Deployment", name: "cart", uid: "d", controller: true };

/** A Deployment of one pod, which is on w1 under a budget that allows nothing. */
function deployed(
  rollout: Partial<Rollout> = {},
  pods: readonly Pod[] = [pod("cart-a", cart)],
): PlayedCluster {
  const cluster = clusterWith(...pods);
  cluster.workloads.set("ReplicaSet cart-1", workload("rs-1", { controller }));
  cluster.workloads.set("Deployment cart", workload("d", { rollout: { ...rolling, ...rollout } }));
  const exhausted = { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
  cluster.budgets = [budget("web", { minAvailable: 1 }, exhausted)];
  return cluster;
}

/** Ends the pods of w1 once a new one is Ready elsewhere, so many seconds after a restart. */
function rollOut(cluster: PlayedCluster, seconds: number): void {
  let due = Number.POSITIVE_INFINITY;
  cluster.onRestart = () => {
    due = cluster.time + seconds;
    cluster.elsewhere = [pod("cart-b", { ...fresh, ready: false })];
  };
  const before = cluster.onWorkloadRead;
  cluster.onWorkloadRead = (owner) => {
    before(owner);
    if (cluster.time < due) return;
    cluster.elsewhere = [pod("cart-b", { ...fresh, ready: true })];
    cluster.pods = [];
    cluster.changed();
  };
}

describe("D-R08 a rule with action restart", () => {
  it("restarts the Deployment once and waits for its rollout, although a budget allows no eviction", async () => {
    const cluster = deployed();
    rollOut(cluster, 30);
    const { summary, failure, progress } = await drainPlayed(cluster, policy);
    expect(failure).toBeUndefined();
    expect([cluster.restarted, cluster.evicted]).toEqual([["cart"], []]);
    expect(summary).toMatchObject({ evicted: 0, restarted: 1 });
    expect(summary?.warnings).toEqual([
      "restarted by rollout, so that new pods start before the old ones end: shop/Deployment cart",
    ]);
    expect(progress.join("\n")).toContain(
      "waiting for shop/cart-a: waits for new pods of Deployment cart: shop/cart-b: ",
    );
  });

  it("restarts it once for all its pods on the node", async () => {
    const cluster = deployed({}, [pod("cart-a", cart), pod("cart-c", cart)]);
    rollOut(cluster, 10);
    expect((await drainPlayed(cluster, policy)).summary?.restarted).toBe(2);
    expect(cluster.restarted).toEqual(["cart"]);
  });

  it("evicts what no such rule selects, and has it go in its order", async () => {
    const job = pod("job", { ...ready, labels: { app: "job" }, owner: { kind: "Job" } });
    const cluster = deployed({}, [pod("cart-a", cart), job]);
    rollOut(cluster, 10);
    const gone: string[] = [];
    cluster.onEviction = () => {
      gone.push(cluster.pods.map(({ metadata }) => metadata?.name).join());
      return undefined;
    };
    const rules = [
      { name: "a", action: "restart", pods: "app=web", order: 0 },
      { name: "b", action: "drain", pods: "app=job", order: 1 },
    ] as const;
    const late = cluster.onWorkloadRead;
    cluster.onWorkloadRead = (owner) => {
      late(owner);
      if (cluster.pods.length === 0 && gone.length === 0) cluster.pods = [job];
    };
    expect((await drainPlayed(cluster, { rules })).failure).toBeUndefined();
    expect(gone).toEqual(["job"]);
  });

  it.each<[string, Partial<Workload>, string]>([
    ["has begun already, by a killed run or another node's drain", { revision: "2" }, ""],
    ["is not observed yet", { rollout: { ...rolling, isObserved: false } }, ""],
  ])("does not begin a restart that %s", async (_what, now) => {
    const cluster = deployed();
    cluster.workloads.set("Deployment cart", workload("d", { rollout: rolling, ...now }));
    const due = cluster.time + 40;
    cluster.onWorkloadRead = () => {
      if (cluster.time >= due) cluster.pods = [];
    };
    expect((await drainPlayed(cluster, policy)).failure).toBeUndefined();
    expect(cluster.restarted).toEqual([]);
  });

  it("looks again at a Deployment that was changed meanwhile", async () => {
    const cluster = deployed();
    rollOut(cluster, 5);
    const begin = cluster.onRestart;
    let tries = 0;
    cluster.onRestart = (name) => {
      if (++tries === 1)
        throw new KubeError({
          verb: "restarting",
          object: "it",
          text: "changed",
          status: 409,
          transient: false,
        });
      begin(name);
    };
    expect((await drainPlayed(cluster, policy)).failure).toBeUndefined();
    expect([tries, cluster.restarted]).toEqual([2, ["cart"]]);
  });

  it("counts the Ready pods of before where replacements are waited for, whatever the revision", async () => {
    const cluster = deployed({ unavailable: 1 });
    cluster.onRestart = () => {
      cluster.pods = [];
      cluster.elsewhere = [pod("cart-b", { ...fresh, ready: false })];
    };
    const { failure } = await drainPlayed(cluster, { ...policy, waitForReplacements: 30 });
    expect(failure).toContain("(shop/Deployment cart 0 of 1)");
  });
});

describe("D-R09 a restart that does not get on", () => {
  it("fails at the limit with the new pod and the scheduler's words; the node stays cordoned", async () => {
    const cluster = deployed();
    cluster.onRestart = () => {
      const stuck = pod("cart-b", { ...fresh, phase: "Pending", ready: false });
      const conditions = [{ type: "PodScheduled", status: "False", message: "0/2 nodes are available." }];
      cluster.elsewhere = [{ ...stuck, status: { phase: "Pending", conditions } }];
    };
    const { failure } = await drainPlayed(cluster, policy);
    expect(failure).toContain(
      "\n  - waits for new pods of Deployment cart: shop/cart-b: Pending: 0/2 nodes are available.: shop/cart-a\n",
    );
    expect(failure).toContain("The Node stays cordoned.");
    expect(cluster.restarted).toEqual(["cart"]);
    expect(cluster.pods).toHaveLength(1);
  });

  it("fails at once where the cluster says that the rollout is stuck", async () => {
    const cluster = deployed();
    cluster.workloads.set(
      "Deployment cart",
      workload("d", { rollout: { ...rolling, stalled: "timed out" }, revision: "2" }),
    );
    const begun = cluster.time;
    const { failure } = await drainPlayed(cluster, policy);
    expect(failure).toContain("1 pod cannot be moved by a rollout:");
    expect(failure).toContain("the rollout of Deployment cart is stuck: timed out: shop/cart-a");
    expect(cluster.time - begun).toBeLessThan(60);
  });

  it("fails where new pods come to the cordoned node, and does not restart for ever", async () => {
    const cluster = deployed();
    cluster.onRestart = () => {
      cluster.pods = [pod("cart-b", { ...cart, owner: { kind: "ReplicaSet", name: "cart-2", uid: "rs-2" } })];
      cluster.workloads.set("ReplicaSet cart-2", workload("rs-2", { controller, revision: "2" }));
    };
    const { failure } = await drainPlayed(cluster, policy);
    expect(failure).toContain("its new pods came to this cordoned node again: shop/cart-b");
    expect(cluster.restarted).toEqual(["cart"]);
  });

  it("deletes in the end where that is declared", async () => {
    const cluster = deployed();
    const { failure } = await drainPlayed(cluster, { ...policy, onTimeout: "deletePods" });
    expect(failure).toBeUndefined();
    expect([cluster.restarted, cluster.deleted]).toEqual([["cart"], ["cart-a"]]);
  });

  it("costs no pod where the right is missing, and names it", async () => {
    const other = pod("other", { ...ready, labels: { app: "other" } });
    const cluster = deployed({}, [pod("cart-a", cart), other]);
    cluster.onRestart = () => {
      throw new KubeError({ verb: "restarting", object: "it", text: "no", status: 403, transient: false });
    };
    const rules = [{ name: "first", action: "restart", pods: "app=web" }] as const;
    const { failure } = await drainPlayed(cluster, { rules });
    expect(failure).toContain(
      "action restart in drain.rules needs a right that is missing: restarting it: no (403).",
    );
    expect(failure).toContain("get and patch on deployments of apps");
    expect(cluster.evicted).toEqual([]);
  });
});

describe("D-R10 a rule with action restart refuses, before anything is done to the node,", () => {
  it.each<[string, PodTraits, string]>([
    [
      "a StatefulSet",
      { owner: { kind: "StatefulSet" } },
      "pods of a StatefulSet, which starts none before the former one has ended",
    ],
    [
      "a ReplicaSet of nobody",
      { owner: { kind: "ReplicaSet", name: "bare", uid: "bare" } },
      "pods of a ReplicaSet without a Deployment, which has no rollout",
    ],
    ["a Job", { owner: { kind: "Job", apiVersion: "batch/v1" } }, "pods of a Job, which is no Deployment"],
    ["a bare pod", { owner: "none" }, "pods without a controller, which nothing starts anew"],
  ])("%s", async (_what, traits, why) => {
    const cluster = clusterWith(pod("p", traits), pod("q", cart));
    cluster.workloads.set("ReplicaSet bare", workload("bare"));
    const { failure } = await drainPlayed(cluster, policy);
    expect(failure).toContain(
      `\n  - ${why} (rule "first" has action restart: leave them out of its selector, or declare action drain for them): shop/p`,
    );
    expect([cluster.evicted, cluster.restarted]).toEqual([[], []]);
  });

  it.each<[string, Partial<Rollout>, string]>([
    [
      "a Deployment without a surge",
      { surge: 0 },
      "whose rollouts start no pod before one has ended (maxSurge 0, or Recreate)",
    ],
    ["one that is paused", { isPaused: true }, 'which is paused ("kubectl rollout resume" ends that)'],
  ])("%s", async (_what, rollout, why) => {
    const cluster = deployed(rollout);
    expect((await drainPlayed(cluster, policy)).failure).toContain(
      `pods of Deployment cart, ${why} (rule "first"`,
    );
    expect(cluster.restarted).toEqual([]);
  });

  it("emptyDir data, unless its loss is allowed", async () => {
    const keeping = [pod("cart-a", { ...cart, emptyDir: "disk" })];
    expect((await drainPlayed(deployed({}, keeping), policy)).failure).toContain("pods with emptyDir data");
    const cluster = deployed({}, keeping);
    rollOut(cluster, 5);
    const { summary } = await drainPlayed(cluster, { ...policy, deleteEmptyDirData: true });
    expect(summary?.warnings).toContain("ended pods with emptyDir data: shop/cart-a");
  });
});
