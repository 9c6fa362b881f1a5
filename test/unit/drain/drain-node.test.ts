// What a drain does and says, in a cluster played in memory on a clock that leaps.

import { describe, expect, it } from "vitest";
import type { Pod } from "../../../components/kube/api.ts";
import { KubeError } from "../../../components/kube/kube-error.ts";
import { readMarks } from "../../../components/model/node-marks.ts";
import { clusterWith, cordoned } from "./blocked-cluster.ts";
import { drainPlayed, machine, type PlayedCluster } from "./played-cluster.ts";
import { type PodTraits, pod } from "./pods.ts";

describe("a drain that is refused", () => {
  it("D-E28 tells no consequence of evictions that did not happen", async () => {
    const cluster = clusterWith(
      pod("cart-1", { emptyDir: "disk" }),
      pod("bare", { owner: "none" }),
      pod("agent", { labels: { "nodepools.local/drain": "skip" } }),
    );
    const { failure } = await drainPlayed(cluster, { deleteEmptyDirData: true });
    expect(failure).toBe(
      'draining node "w1": 1 pod may not be evicted; no pod was evicted:\n' +
        "  - pods without a controller (drain.force allows it): shop/bare\n" +
        "The Node stays cordoned. Allow their eviction or move them.",
    );
    expect(cluster.evicted).toEqual([]);
  });

  it("D-E28 does not say that no pod was evicted when an earlier run of it may have evicted some", async () => {
    const cluster = clusterWith(pod("bare", { owner: "none" }));
    const started = new Date((cluster.time - 100) * 1000).toISOString();
    const annotations = { "nodepools.local/drain-started": started };
    cluster.nodes = [
      { ...machine("w1", "m1"), ...cordoned, metadata: { name: "w1", uid: "u", annotations } },
    ];
    const { failure } = await drainPlayed(cluster);
    expect(failure).toContain('draining node "w1": 1 pod may not be evicted; none was evicted in this run:');
  });

  it("tells what went before it when the pod that is refused came later", async () => {
    const cluster = clusterWith(pod("cart-1", { emptyDir: "disk" }));
    cluster.onEviction = () => {
      cluster.pods = [...cluster.pods, pod("bare", { owner: "none" })];
      return undefined;
    };
    const { failure } = await drainPlayed(cluster, { deleteEmptyDirData: true });
    expect(failure).toContain("1 pod cannot be evicted:\n  - pods without a controller");
    expect(failure).toMatch(/Until then:\n {2}- evicted pods with emptyDir data: shop\/cart-1$/);
  });
});

describe("a drain whose time is over", () => {
  it("D-B5 tells until when a pod may take by its own grace, and what shortens that", async () => {
    const cluster = clusterWith();
    cluster.pods = [pod("queue-0", { deletedAt: cluster.time + 604_800 })];
    const due = new Date((cluster.time + 604_800) * 1000).toISOString();
    expect((await drainPlayed(cluster)).failure).toContain(
      `1 pod still there after 300 s:\n  - terminating, and by its own grace it may take until ${due} (drain.gracePeriodSeconds shortens that): shop/queue-0\n`,
    );
  });

  it.each([
    [
      "False",
      "container runtime is down\u001b[2J",
      "the node is not Ready: container runtime is down\\x1b[2J",
    ],
    ["False", "", "the node is not Ready"],
  ])("D-B7 tells what is wrong with the node (Ready %s)", async (status, message, text) => {
    const cluster = clusterWith(pod("web-1", { deletedAt: 0 }));
    const [w1] = cluster.nodes;
    cluster.nodes = [{ ...w1, status: { ...w1?.status, conditions: [{ type: "Ready", status, message }] } }];
    expect((await drainPlayed(cluster)).failure).toContain(`1 pod still there after 300 s, and ${text}:\n`);
  });
});

it("D-B8 a pod that a slow scheduler binds four seconds after the cordon is evicted", async () => {
  const cluster = clusterWith();
  const begun = cluster.time;
  let isBound = false;
  const look = cluster.listPodsOnNode.bind(cluster);
  cluster.listPodsOnNode = async () => {
    if (!isBound && cluster.time - begun >= 4) cluster.pods = [pod("late-1")];
    isBound ||= cluster.pods.length > 0;
    return look();
  };
  expect((await drainPlayed(cluster)).failure).toBeUndefined();
  expect(cluster.evicted).toEqual(["late-1"]);
});

it("D-V26 a Node that cannot be read for a minute ends no drain", async () => {
  const cluster = clusterWith(pod("web-1", { deletedAt: 0 }));
  const begun = cluster.time;
  let failures = 0;
  cluster.readNode = async () => {
    const elapsed = cluster.time - begun;
    if (elapsed >= 5 && elapsed < 60) {
      failures++;
      throw new KubeError({ verb: "reading", object: 'Node "w1"', text: "no answer", transient: true });
    }
    if (elapsed >= 60) {
      cluster.pods = [];
      cluster.changed();
    }
    return cluster.w1;
  };
  expect((await drainPlayed(cluster)).failure).toBeUndefined();
  expect(failures).toBeGreaterThan(1);
});

describe("D-B10 a volume that only the Node itself lists as attached", () => {
  const listing = (...pods: Pod[]) => {
    const cluster = clusterWith(...pods);
    const volumesAttached = ["kubernetes.io/iscsi/10.0.0.9:3260:iqn:0", "kubernetes.io/csi/d^1"].map(
      (name) => ({
        name,
        devicePath: "",
      }),
    );
    cluster.nodes = cluster.nodes.map((node) => ({ ...node, status: { ...node.status, volumesAttached } }));
    return cluster;
  };

  it("is waited for, unless VolumeAttachments tell of its kind", async () => {
    expect((await drainPlayed(listing(pod("db-0")))).failure).toContain(
      "still waiting for 1 volume to be detached: kubernetes.io/iscsi/10.0.0.9:3260:iqn:0.",
    );
  });

  it("is not waited for where a pod that stays may use it", async () => {
    const agent = pod("agent", { labels: { "nodepools.local/drain": "skip" } });
    const volumes = [{ name: "d", iscsi: { targetPortal: "10.0.0.9", iqn: "iqn", lun: 0 } }];
    const cluster = listing({ ...agent, spec: { containers: [], volumes } });
    expect((await drainPlayed(cluster)).failure).toBeUndefined();
  });
});

describe("pods whose turn comes later", () => {
  const stuck: PodTraits = { labels: { app: "first" }, deletedAt: 0 };

  it.each<[string, PodTraits, string]>([
    ["a declared order, when that differs", {}, "waits for pods of order -5 (drain.rules)"],
    [
      "their kind, when only that differs",
      { priority: 2_000_000_000, labels: { app: "first" } },
      "waits for ordinary pods",
    ],
  ])("are told to wait for %s", async (_name, traits, reason) => {
    const cluster = clusterWith(pod("a", stuck), pod("b", traits));
    const rules = [{ name: "r", pods: "app=first", action: "drain" as const, order: -5 }];
    const { failure } = await drainPlayed(cluster, { rules });
    expect(failure).toContain(`\n  - ${reason}: shop/b\n`);
    expect(cluster.evicted).toEqual([]);
  });
});

describe("the claims of a drain that waits for volumes", () => {
  it("D-N25 are read once each, however often it looks", async () => {
    const claiming = (name: string, claim: string): Pod => {
      const made = pod(name);
      const volumes = [{ name: "data", persistentVolumeClaim: { claimName: claim } }];
      return { ...made, spec: { ...made.spec, containers: [], volumes } };
    };
    const cluster = clusterWith(claiming("db-0", "data-0"), claiming("db-1", "gone"));
    cluster.claims.set("shop/data-0", "pv-0");
    const source = { persistentVolumeName: "pv-0" };
    cluster.attachments = [{ metadata: { name: "a" }, spec: { attacher: "csi", nodeName: "w1", source } }];
    const { failure } = await drainPlayed(cluster);
    expect(failure).toContain("still waiting for 1 volume to be detached: shop/data-0.");
    expect(cluster.claimReads.toSorted()).toEqual(["shop/data-0", "shop/gone"]);
  });
});

describe.each([600, -600])("D-N26 where the cluster's clock is %i s ahead of this machine's", (ahead) => {
  function skewed(...pods: Pod[]): PlayedCluster {
    const cluster = clusterWith(...pods);
    cluster.ahead = ahead;
    return cluster;
  }

  it("the drain's start is written in the cluster's time, and the difference is told", async () => {
    const cluster = skewed(pod("web-1"));
    const begun = cluster.time;
    let started = "";
    cluster.onEviction = () => {
      started = readMarks(cluster.w1 ?? {}).drainStarted ?? "";
      return undefined;
    };
    const { summary } = await drainPlayed(cluster);
    expect(Date.parse(started) / 1000).toBe(begun);
    const side = ahead > 0 ? "behind" : "ahead of";
    expect(summary?.warnings).toEqual([
      `this machine's clock is 600 s ${side} the cluster's, whose time the drain goes by: Node w1`,
    ]);
  });

  it("a drain that another machine began goes on with its deadline", async () => {
    const cluster = skewed(pod("web-1", { deletedAt: 0 }));
    const started = new Date((cluster.time - 200) * 1000).toISOString();
    const annotations = { "nodepools.local/drain-started": started };
    cluster.nodes = [
      { ...machine("w1", "m1"), ...cordoned, metadata: { name: "w1", uid: "u", annotations } },
    ];
    const begun = cluster.time;
    const { progress, failure } = await drainPlayed(cluster);
    expect(progress[0]).toBe(`resuming the drain that started at ${started}`);
    expect(failure).toContain("1 pod still there after 300 s");
    expect(cluster.time - begun).toBeLessThan(110);
  });

  it("a kubelet that fell silent this moment is waited for, and one that has been silent is not", async () => {
    for (const [silentFor, isLeft] of [
      [5, false],
      [60, true],
    ] as const) {
      const cluster = skewed();
      cluster.pods = [pod("stuck", { deletedAt: cluster.time - 20 })];
      const lastTransitionTime = new Date((cluster.time - silentFor) * 1000);
      const conditions = [{ type: "Ready", status: "Unknown", lastTransitionTime }];
      cluster.nodes = [{ ...machine("w1", "m1"), status: { conditions } }];
      const { failure } = await drainPlayed(cluster, { timeoutSeconds: 10 });
      expect(failure === undefined).toBe(isLeft);
    }
  });

  it("a pod that terminates in time is not deleted again", async () => {
    const cluster = skewed();
    cluster.pods = [pod("slow", { deletedAt: cluster.time + 100 })];
    await drainPlayed(cluster, { onTimeout: "deletePods" });
    expect(cluster.deleted).toEqual([]);
  });

  it("a pod that terminates too late is deleted again", async () => {
    const cluster = skewed();
    cluster.pods = [pod("slow", { deletedAt: cluster.time + 400 })];
    await drainPlayed(cluster, { onTimeout: "deletePods" });
    expect(cluster.deleted).toEqual(["slow"]);
  });
});
