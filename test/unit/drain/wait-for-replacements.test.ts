// The wait for what comes in the place of evicted pods, in a cluster played in memory on a clock that leaps.
import { describe, expect, it } from "vitest";
import type { DrainContext } from "../../../components/drain/context.ts";
import { Ledger } from "../../../components/drain/ledger.ts";
import type { NodeWatch } from "../../../components/drain/node-watch.ts";
import { Readiness } from "../../../components/drain/readiness.ts";
import type { Node, Pod, Workload } from "../../../components/kube/api.ts";
import { KubeError } from "../../../components/kube/kube-error.ts";
import { clusterWith, ready } from "./blocked-cluster.ts";
import { drainPlayed, machine, type PlayedCluster } from "./played-cluster.ts";
import { type PodTraits, pod } from "./pods.ts";

const waiting = { waitForReplacements: 120 };
const cart: PodTraits = { ...ready, owner: { kind: "ReplicaSet", name: "cart-1", uid: "rs" } };
const digest = "nodepools.local.node-restriction.kubernetes.io/ready-before";
const note = "nodepools.local/ready-before";

function workload(uid: string, more: Partial<Workload> = {}): Workload {
  return { uid, replicas: 3, selector: "app=web", isEnding: false, ...more };
}

/** A Deployment of three pods, of which two are on w1. */
function deployed(...onNode: Pod[]): PlayedCluster {
  const cluster = clusterWith(...onNode);
  cluster.elsewhere = [pod("cart-c", cart)];
  const controller = { apiVersion: "apps/v1", kind: "Deployment", name: "cart", uid: "d", controller: true };
  cluster.workloads.set("ReplicaSet cart-1", workload("rs", { controller }));
  cluster.workloads.set("Deployment cart", workload("d", { revision: "1" }));
  return cluster;
}

const twoOfThree = () => deployed(pod("cart-a", cart), pod("cart-b", cart));

/** Expects that w1 carries no mark any more. */
function expectUnmarked({ w1 }: PlayedCluster): void {
  expect(w1?.metadata?.labels).toEqual({});
  expect(w1?.metadata?.annotations).toEqual({});
}

/** Brings pods up elsewhere after so many seconds. */
function later(cluster: PlayedCluster, seconds: number, ...pods: Pod[]): void {
  const due = cluster.time + seconds;
  const before = cluster.onWorkloadRead;
  cluster.onWorkloadRead = (owner) => {
    before(owner);
    if (cluster.time >= due) cluster.elsewhere = [cluster.elsewhere[0] as Pod, ...pods];
  };
}

describe("D-R01 a drain that waits for replacements", () => {
  it("ends once the Deployment has as many Ready pods as before", async () => {
    const cluster = twoOfThree();
    const begun = cluster.time;
    later(cluster, 50, pod("cart-d", cart), pod("cart-e", cart));
    const { failure, progress } = await drainPlayed(cluster, waiting);
    expect(failure).toBeUndefined();
    expect(cluster.time - begun).toBeGreaterThanOrEqual(50);
    expect(
      progress.some((line) => line.startsWith("waiting for Ready pods of shop/Deployment cart 1 of 3, ")),
    ).toBe(true);
    expectUnmarked(cluster);
  });

  it("waits for nothing where that is not declared, and reads no owner", async () => {
    const cluster = twoOfThree();
    let reads = 0;
    cluster.onWorkloadRead = () => reads++;
    for (const policy of [{}, { waitForReplacements: false }]) {
      expect((await drainPlayed(cluster, policy)).failure).toBeUndefined();
    }
    expect(reads).toBe(0);
  });

  it.each<[string, Partial<Pod["status"]> & object, Partial<Pod["spec"]> & object, string]>([
    [
      "the scheduler's words",
      {
        phase: "Pending",
        conditions: [
          { type: "PodScheduled", status: "False", message: "0/3 nodes are available: 3 Insufficient cpu." },
        ],
      },
      {},
      "Pending: 0/3 nodes are available: 3 Insufficient cpu.",
    ],
    [
      "a crash loop with how it ended",
      {
        phase: "Running",
        containerStatuses: [
          {
            ...{ name: "main", image: "x", imageID: "", ready: false, restartCount: 5 },
            state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } },
            lastState: { terminated: { exitCode: 2, reason: "Error", message: "no\u001b[2Jtable" } },
          },
        ],
      },
      { nodeName: "w2" },
      "container main: CrashLoopBackOff, ended with exit code 2 (Error: no\\x1b[2Jtable)",
    ],
    [
      "an image that cannot be pulled",
      {
        phase: "Pending",
        containerStatuses: [
          {
            ...{ name: "main", image: "x", imageID: "", ready: false, restartCount: 0 },
            state: { waiting: { reason: "ImagePullBackOff", message: "not found" } },
          },
        ],
      },
      { nodeName: "w2" },
      "container main: ImagePullBackOff, not found",
    ],
    [
      "a readiness gate or probe",
      { conditions: [{ type: "Ready", status: "False", message: "containers with unready status: [main]" }] },
      { nodeName: "w2" },
      "Running, not Ready: containers with unready status: [main]",
    ],
  ])("D-R02 fails at its limit with %s", async (_what, status, spec, reason) => {
    const cluster = twoOfThree();
    const stuck = pod("cart-d", { ...cart, ready: false });
    cluster.elsewhere.push({
      ...stuck,
      spec: { containers: [], ...stuck.spec, ...spec },
      status: { ...stuck.status, ...status },
    });
    const { failure } = await drainPlayed(cluster, waiting);
    expect(failure).toBe(
      'draining node "w1": its pods are gone, but 120 s later 1 owner of them has fewer Ready pods than before ' +
        `(shop/Deployment cart 1 of 3):\n  - ${reason}: shop/cart-d\n` +
        "The Node stays cordoned. Its host is not touched: declare it again to have the node back. " +
        "Or mend them and run again; drain.waitForReplacements: false lets the node go as it is.",
    );
  });

  it("D-R02 says that no pod was created, and why not where the cluster tells", async () => {
    const cluster = twoOfThree();
    expect((await drainPlayed(cluster, waiting)).failure).toContain(
      "\n  - no pod has been created in its place: shop/Deployment cart\n",
    );
    const limited = twoOfThree();
    limited.workloads.set("Deployment cart", workload("d", { fault: "exceeded quota: pods" }));
    expect((await drainPlayed(limited, waiting)).failure).toContain(
      "\n  - exceeded quota: pods: shop/Deployment cart\n",
    );
  });
});

describe("D-R03 what does not hold a drain up:", () => {
  it("a pod that was not Ready before", async () => {
    const cluster = deployed(pod("cart-a", cart), pod("cart-b", { ...cart, ready: false }));
    later(cluster, 10, pod("cart-d", cart), pod("cart-e", { ...cart, ready: false }));
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  });

  it.each<[string, Workload | undefined]>([
    ["an owner that was scaled down", workload("d", { replicas: 1, revision: "1" })],
    ["an owner that was scaled to none", workload("d", { replicas: 0, revision: "1" })],
    ["an owner that was deleted", undefined],
    ["an owner that is being deleted", workload("d", { isEnding: true, revision: "1" })],
    ["an owner that was made anew", workload("e", { revision: "1" })],
    ["an owner that was rolled out", workload("d", { revision: "2" })],
  ])("%s meanwhile", async (_what, now) => {
    const cluster = twoOfThree();
    cluster.onEviction = () => {
      if (now) cluster.workloads.set("Deployment cart", now);
      else cluster.workloads.delete("Deployment cart");
      return undefined;
    };
    const begun = cluster.time;
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
    expect(cluster.time - begun).toBeLessThan(60);
  });

  it("a Job, which keeps no number of pods", async () => {
    const cluster = clusterWith(pod("job-1", { ...ready, owner: { kind: "Job", name: "job" } }));
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  });

  it("a kind whose scale may not be read, which is told", async () => {
    const owner = { apiVersion: "apps.kruise.io/v1alpha1", kind: "CloneSet", name: "set" };
    const cluster = clusterWith(pod("set-1", { ...ready, owner }));
    cluster.onWorkloadRead = () => {
      throw new KubeError({
        verb: "reading",
        object: "it",
        text: "forbidden",
        status: 403,
        transient: false,
      });
    };
    const { summary } = await drainPlayed(cluster, waiting);
    expect(summary?.warnings).toEqual([
      "replacements not waited for: reading it: forbidden (403): shop/CloneSet set",
    ]);
  });
});

describe("D-R04 what was Ready before", () => {
  it("is on the Node before the first eviction, and stays after a failure", async () => {
    const cluster = twoOfThree();
    const seen: (string | undefined)[] = [];
    cluster.onEviction = () => {
      seen.push(cluster.w1?.metadata?.annotations?.[note]);
      return undefined;
    };
    expect((await drainPlayed(cluster, waiting)).failure).toContain("1 of 3");
    const owner = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "cart" };
    const noted = JSON.stringify([{ ...owner, uid: "d", ready: 3, revision: "1" }]);
    expect(seen).toEqual([noted, noted]);
    expect(cluster.w1?.metadata?.annotations?.[note]).toBe(noted);
  });

  it("is waited for by the next run, which finds no pod on the node any more", async () => {
    const cluster = twoOfThree();
    await drainPlayed(cluster, waiting);
    expect(cluster.pods).toEqual([]);
    const second = await drainPlayed(cluster, waiting);
    expect(second.failure).toContain("(shop/Deployment cart 1 of 3)");
    cluster.elsewhere.push(pod("cart-d", cart), pod("cart-e", cart));
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
    expectUnmarked(cluster);
  });

  it("counts no longer once someone has uncordoned the node", async () => {
    const cluster = twoOfThree();
    await drainPlayed(cluster, waiting);
    cluster.nodes = cluster.nodes.map((node) => ({ ...node, spec: {} }));
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  });

  it("goes with the cordon that a failure lifts", async () => {
    const cluster = twoOfThree();
    const { failure } = await drainPlayed(cluster, { ...waiting, onFailure: "restore" });
    expect(failure).toContain("The Node is schedulable again. Its host is not touched");
    expect(cluster.w1?.spec).toEqual({ unschedulable: false });
    expectUnmarked(cluster);
  });

  it("is taken from no kubelet: a note that was changed ends the drain before its first eviction", async () => {
    const cluster = twoOfThree();
    await drainPlayed(cluster, waiting);
    cluster.pods = [pod("cart-x", cart)];
    cluster.evicted.length = 0;
    for (const node of cluster.nodes) if (node.metadata?.annotations) node.metadata.annotations[note] = "[]";
    const { failure } = await drainPlayed(cluster, waiting);
    expect(failure).toContain("someone changed the note on its Node.");
    expect(failure).toContain(`"kubectl label node w1 ${digest}-"`);
    expect(cluster.evicted).toEqual([]);
    for (const node of cluster.nodes) delete node.metadata?.labels?.[digest];
    cluster.elsewhere.push(pod("cart-y", cart), pod("cart-z", cart));
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  });

  it("is not read from an annotation that has no label beside it", async () => {
    const cluster = deployed();
    const forged = [
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "cart", uid: "d", ready: 9 },
    ];
    const [node] = cluster.nodes;
    const annotations = { [note]: JSON.stringify(forged) };
    cluster.nodes = [
      { ...node, metadata: { ...node?.metadata, annotations }, spec: { unschedulable: true } },
    ];
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  });
});

describe("D-R05 rights that do not reach the owners", () => {
  it("end the drain before the first eviction, with the remedy", async () => {
    const cluster = twoOfThree();
    const text = 'replicasets.apps "cart-1" is forbidden';
    cluster.onWorkloadRead = () => {
      throw new KubeError({ verb: "reading", object: "it", text, status: 403, transient: false });
    };
    const { failure } = await drainPlayed(cluster, waiting);
    expect(failure).toBe(
      'draining node "w1": drain.waitForReplacements needs a right that is missing; no pod was evicted: ' +
        'reading it: replicasets.apps "cart-1" is forbidden (403). The Node stays cordoned. ' +
        "Grant get on deployments, replicasets and statefulsets of apps (with cluster.access declared, an " +
        'administrator\'s "pulumi up" does), or set drain.waitForReplacements: false, then run again.',
    );
    expect(cluster.evicted).toEqual([]);
  });

  it("are told from a server that fails for a moment", async () => {
    const cluster = twoOfThree();
    const due = cluster.time + 20;
    cluster.onWorkloadRead = () => {
      if (cluster.time < due)
        throw new KubeError({ verb: "reading", object: "it", text: "away", status: 503, transient: true });
    };
    cluster.elsewhere.push(pod("cart-d", cart), pod("cart-e", cart));
    expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  });
});

it("D-R06 what another drain of the run has taken away was Ready before", async () => {
  const cluster = twoOfThree();
  const w2 = { node: machine("w2", "m2") } as NodeWatch;
  const policy = { timeoutSeconds: 300, deleteEmptyDirData: false, force: false, ...waiting };
  using other = new Readiness({ api: cluster, policy } as unknown as DrainContext, new Ledger(), w2);
  await other.note(cluster.pods);
  // One of the three is gone by the time that this drain begins, and one of its own is replaced at once.
  cluster.pods = cluster.pods.slice(1);
  cluster.onEviction = () => {
    cluster.elsewhere.push(pod("cart-d", cart));
    return undefined;
  };
  later(cluster, 30, pod("cart-d", cart), pod("cart-e", cart));
  const begun = cluster.time;
  expect((await drainPlayed(cluster, waiting)).failure).toBeUndefined();
  expect(cluster.time - begun).toBeGreaterThanOrEqual(30);
});

it("D-R07 a StatefulSet's pod that is left behind on a node that does not answer is not waited for", async () => {
  const owner = { kind: "StatefulSet", name: "db", uid: "db" };
  const cluster = clusterWith();
  cluster.workloads.set("StatefulSet db", workload("db", { replicas: 1 }));
  const lastTransitionTime = new Date((cluster.time - 60) * 1000);
  const conditions = [{ type: "Ready", status: "Unknown", lastTransitionTime }];
  const [node] = cluster.nodes;
  cluster.nodes = [{ ...node, status: { ...node?.status, conditions } }];
  cluster.pods = [pod("db-0", { ...ready, owner })];
  cluster.onEviction = () => {
    cluster.pods = [pod("db-0", { ...ready, owner, deletedAt: cluster.time - 5 })];
    return { kind: "gone" };
  };
  const { summary } = await drainPlayed(cluster, waiting);
  expect(summary?.warnings).toContain(
    "not waited for: pods are left behind on the node, which does not answer: shop/StatefulSet db",
  );
});

describe("D-R11 a cluster that leaves as a whole", () => {
  const leavingMark = { "nodepools.local.node-restriction.kubernetes.io/leaving": "2026-01-01T00-00-00Z" };
  const control = { "node-role.kubernetes.io/control-plane": "" };
  const taints = [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }];

  function leave(cluster: PlayedCluster, ...others: Node[]): void {
    const all = [...cluster.nodes, machine("w2", "m2")];
    const leaving = all.map((node) => ({
      ...node,
      metadata: { ...node.metadata, labels: leavingMark },
      spec: { unschedulable: true },
    }));
    cluster.nodes = [...leaving, ...others];
  }

  it("is not waited for, which is told: nothing starts anew", async () => {
    const cluster = twoOfThree();
    const plane = machine("control", "m0");
    leave(cluster, { ...plane, metadata: { ...plane.metadata, labels: control }, spec: { taints } });
    const begun = cluster.time;
    const { summary, failure } = await drainPlayed(cluster, waiting);
    expect(failure).toBeUndefined();
    expect(summary?.warnings).toContain(
      "not waited for: every node leaves, so that none takes their pods: shop/Deployment cart",
    );
    expect(cluster.time - begun).toBeLessThan(60);
  });

  it.each([
    [
      "a node stays, although somebody has cordoned it",
      { ...machine("w3", "m3"), spec: { unschedulable: true } },
    ],
    [
      "the control plane takes pods",
      { ...machine("control", "m0"), metadata: { name: "control", labels: control } },
    ],
  ])("is none where %s", async (_what, other) => {
    const cluster = twoOfThree();
    leave(cluster, other);
    expect((await drainPlayed(cluster, waiting)).failure).toContain("(shop/Deployment cart 1 of 3)");
  });
});
