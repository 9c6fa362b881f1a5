// A Node that another one takes the place of while it is drained.

import { describe, expect, it } from "vitest";
import { readMarks } from "../../../components/model/node-marks.ts";
import { blockedCluster, clusterWith, ready, refusal } from "./blocked-cluster.ts";
import { drainPlayed, machine } from "./played-cluster.ts";
import { pod } from "./pods.ts";

describe("D-N27 a Node that is deleted and created again during its drain", () => {
  /** Replaces the Node by another with a pod of its own, once the drain is under way. */
  async function drainReplaced(id: string, uid: string) {
    const cluster = blockedCluster(pod("web-1", ready));
    cluster.onEviction = () => {
      if (cluster.w1?.metadata?.uid === uid) return undefined;
      cluster.nodes = [machine("w1", id, uid)];
      cluster.pods = [pod("late", { ...ready, labels: { app: "other" } })];
      cluster.changed();
      return refusal;
    };
    return { cluster, ended: await drainPlayed(cluster) };
  }

  it("by another machine, is not cordoned, and no pod of it is evicted", async () => {
    const { cluster, ended } = await drainReplaced("m2", "u2");
    expect(ended.failure).toBeUndefined();
    expect(cluster.evicted).toEqual([]);
    expect(cluster.w1?.spec?.unschedulable).not.toBe(true);
    expect(readMarks(cluster.w1 ?? {}).drainStarted).toBeUndefined();
    expect(ended.summary?.warnings).toEqual([
      "deleted during the drain; another machine has registered under its name, whose pods are left alone: Node w1",
    ]);
  });

  it("before the drain begins, is not touched either", async () => {
    const cluster = clusterWith(pod("late"));
    cluster.nodes = [machine("w1", "m2")];
    const { summary } = await drainPlayed(cluster, {}, "m1");
    expect(summary?.nodeFound).toBe(false);
    expect([cluster.evicted, cluster.w1?.spec]).toEqual([[], undefined]);
    await drainPlayed(cluster, {}, "m2");
    expect(cluster.evicted).toEqual(["late"]);
  });

  it("by hand, without a machine, is not taken for the one that was drained", async () => {
    const { cluster } = await drainReplaced("", "u2");
    expect(cluster.evicted).toEqual([]);
  });

  it("by the same machine, is cordoned again and drained to its end", async () => {
    const { cluster, ended } = await drainReplaced("m1", "u2");
    expect(ended.failure).toBeUndefined();
    expect(cluster.evicted).toEqual(["late"]);
    expect(cluster.w1?.spec?.unschedulable).toBe(true);
  });
});
