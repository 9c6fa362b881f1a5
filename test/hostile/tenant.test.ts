// M8: what the owner of a pod does to a drain with labels and finalizers, and what the administrator sets against it.
import { expect, it } from "vitest";
import { asTold } from "../../components/kube/as-told.ts";
import { clusterWith } from "../unit/drain/blocked-cluster.ts";
import { drainPlayed } from "../unit/drain/played-cluster.ts";
import { pod } from "../unit/drain/pods.ts";
import { evil, expectHarmless } from "./evil.ts";

const waiting = pod("report", { labels: { "nodepools.local/drain": "wait-completed" }, grace: 30 });

it("M8 a label that asks to wait holds a node no longer than the limit where pods are deleted in the end", async () => {
  const cluster = clusterWith(waiting);
  const begun = cluster.time;
  const { summary, failure } = await drainPlayed(cluster, { onTimeout: "deletePods", timeoutSeconds: 300 });
  expect(failure).toBeUndefined();
  expect(cluster.deleted).toEqual(["report"]);
  expect(cluster.time - begun).toBeGreaterThanOrEqual(268);
  expect(summary).toMatchObject({
    deleted: 1,
    warnings: ["deleted before they had completed (drain.onTimeout: deletePods): shop/report"],
  });
});

it("M8 what the declaration's own rule waits for is waited for, and the drain fails", async () => {
  const cluster = clusterWith(pod("report"));
  const rules = [{ name: "jobs", action: "waitCompleted" as const }];
  const { failure } = await drainPlayed(cluster, { onTimeout: "deletePods", rules });
  expect(cluster.deleted).toEqual([]);
  expect(failure).toContain('has to complete by itself (rule "jobs"): shop/report');
});

it("M8 a label that asks to wait is a veto only where labels count", async () => {
  const honoured = clusterWith(waiting);
  expect((await drainPlayed(honoured)).failure).toContain(
    "has to complete by itself (label nodepools.local/drain): shop/report",
  );
  const ignored = clusterWith(waiting);
  expect((await drainPlayed(ignored, { podLabels: "ignore" })).failure).toBeUndefined();
  expect(ignored.evicted).toEqual(["report"]);
});

it("M8 a finalizer holds a node no longer than the limit, past deletions too, and is named in one bounded line", async () => {
  const built = pod("kept", { deletedAt: 0 });
  const finalizers = [evil, "example.com/hold"];
  const cluster = clusterWith(asTold({ ...built, metadata: { ...built.metadata, finalizers } }));
  const begun = cluster.time;
  const { failure } = await drainPlayed(cluster, { onTimeout: "deletePods", timeoutSeconds: 300 });
  expect(cluster.time - begun).toBeLessThan(330);
  expect(failure).toContain("deleted, but kept by its finalizers");
  expect(failure).toContain("example.com/hold: whoever set them has to remove them: shop/kept");
  expectHarmless(failure ?? "");
});

it("M8 a label that asks to be skipped takes no pod past the refusals where labels do not count", async () => {
  const cluster = clusterWith(
    pod("bare", { owner: "none", labels: { "nodepools.local/drain": "skip" } }),
    pod("web-1"),
  );
  const { failure } = await drainPlayed(cluster, { podLabels: "ignore" });
  expect(failure).toContain("pods without a controller (drain.force allows it): shop/bare");
  expect(cluster.evicted).toEqual([]);
});
