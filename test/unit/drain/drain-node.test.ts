// What a drain does and says, in a cluster played in memory on a clock that leaps.
import { describe, expect, it } from "vitest";
import type { Pod } from "../../../components/kube/api.ts";
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
      started = cluster.w1?.metadata?.annotations?.["nodepools.local/drain-started"] ?? "";
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
