// Pods that are deleted past their budgets before the drain's limit (onTimeout: deletePods), on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Pod } from "../../../components/kube/api.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, evictedNames, fastClock, revealing, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const exhausted = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 };
const onTimeout = "deletePods" as const;

/** A grace that leaves a busy machine ten seconds of its own time between the deletion and the limit. */
const inTime = { pod: { grace: 100 }, policy: { onTimeout, timeoutSeconds: 110 } };

const isDeletion = ({ method, path }: SeenRequest) => method === "DELETE" && path.includes("/pods/");

/**
 * Drains and notes which pods it deletes, with what grace, and how many seconds after its start. A deletion ends once
 * the drain knows its effect: with a slow watch it would ask again, rightly.
 */
async function drainNoting(kubeconfig: string, nodeName: string, policy: Partial<DrainPolicy>) {
  const clock = fastClock();
  const kube = revealing(connect(kubeconfig, clock));
  const deletions: { name: string; grace: number; seconds: number }[] = [];
  let startedAt = 0;
  const followPodsOnNode: typeof kube.followPodsOnNode = (name) => {
    startedAt = clock.now();
    return kube.followPodsOnNode(name);
  };
  const known = (uid: string): Pod | undefined =>
    kube.knownPods().find(({ metadata }) => metadata?.uid === uid);
  const deletePod: typeof kube.deletePod = async (pod, grace) => {
    deletions.push({ name: pod.name, grace, seconds: clock.now() - startedAt });
    const before = known(pod.uid);
    const answer = await kube.deletePod(pod, grace);
    await clock.during(until("the drain knows of the deletion", () => known(pod.uid) !== before));
    return answer;
  };
  const record = await drainThrough({ ...kube, followPodsOnNode, deletePod }, nodeName, policy, clock);
  return { ...record, deletions };
}

it("D-O12 leaves a pod that a budget holds alone until its grace just fits, then deletes it with that", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("slow", { grace: 90 });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  const policy = { onTimeout, timeoutSeconds: 120 };
  const { summary, failure, deletions } = await drainNoting(api.kubeconfigPath, fixture.nodeName, policy);
  expect(failure).toBeUndefined();
  const [deletion, ...others] = deletions;
  expect(others).toEqual([]);
  // Due at 120 - 2 - 90; what is late of that comes off the grace, so that it still ends in time.
  const { seconds = 0, grace = 0 } = deletion ?? {};
  expect(seconds).toBeGreaterThanOrEqual(28);
  expect(grace).toBeGreaterThanOrEqual(1);
  expect(grace).toBeLessThanOrEqual(Math.min(90, 120 - Math.floor(seconds)));
  expect(summary).toMatchObject({
    evicted: 0,
    deleted: 1,
    warnings: [`deleted past their budgets (drain.onTimeout: deletePods): ${fixture.key("slow")}`],
  });
});

it("D-O13 deletes a critical pod with a long grace now, although an ordinary one comes before it", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("ordinary", { grace: 20 });
  await fixture.createPod("critical", { grace: 50, priorityClassName: "system-cluster-critical" });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let ordinaryWasLeaving: boolean | undefined;
  proxy.onRequest = async (request) => {
    if (isDeletion(request)) ordinaryWasLeaving ??= await fixture.isTerminating("ordinary");
    return undefined;
  };
  const policy = { onTimeout, timeoutSeconds: 60 };
  const { deletions: done } = await drainNoting(proxy.kubeconfig, fixture.nodeName, policy);
  expect(done.map(({ name }) => name)).toEqual(["critical", "ordinary"]);
  expect(ordinaryWasLeaving).toBe(false);
  expect(done[0]?.seconds).toBeLessThan(30);
  expect(done[1]?.seconds).toBeGreaterThanOrEqual(38);
  expect(evictedNames(proxy)).not.toContain("critical");
});

it("D-O14 deletes a pod again, once, that is terminating with a grace longer than the drain may take", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("slow", { grace: 900 });
  await fixture.core.deleteNamespacedPod({ namespace, name: "slow" });
  const policy = { onTimeout, timeoutSeconds: 20 };
  const { deletions } = await drainNoting(api.kubeconfigPath, fixture.nodeName, policy);
  const [first, ...others] = deletions;
  expect(others).toEqual([]);
  expect(first?.grace).toBeGreaterThanOrEqual(1);
  expect(first?.grace).toBeLessThanOrEqual(18);
});

it("D-O14 leaves a pod that is terminating longer than the drain may take alone where pods are not deleted", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("slow", { grace: 900 });
  await fixture.core.deleteNamespacedPod({ namespace, name: "slow" });
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toMatch(
    /\n {2}- terminating, and by its own grace it may take until \S+ \(.*\): \S+\/slow\n/,
  );
  expect(proxy.requests.filter(isDeletion)).toEqual([]);
});

it("D-V24 deletes by uid, and never a new pod of the same name", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  const { namespace } = fixture;
  const created = await fixture.createPod("db-0", inTime.pod);
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = async (request) => {
    if (!isDeletion(request)) return undefined;
    await fixture.core.deleteNamespacedPod({ namespace, name: "db-0", gracePeriodSeconds: 0 });
    await fixture.createPod("db-0", { nodeName: other.nodeName });
    return undefined;
  };
  const { failure, deletions } = await drainNoting(proxy.kubeconfig, fixture.nodeName, inTime.policy);
  expect(failure).toBeUndefined();
  const preconditions = { uid: created.metadata?.uid };
  expect(proxy.requests.filter(isDeletion).map(({ body }) => body)).toEqual([
    { preconditions, gracePeriodSeconds: deletions[0]?.grace },
  ]);
  expect(await fixture.isTerminating("db-0")).toBe(false);
});

it("D-V24 takes a pod that vanished before its deletion for done", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1", inTime.pod);
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = async (request) => {
    if (isDeletion(request))
      await fixture.core.deleteNamespacedPod({ namespace, name: "web-1", gracePeriodSeconds: 0 });
    return undefined;
  };
  const { summary, failure } = await drainNoting(proxy.kubeconfig, fixture.nodeName, inTime.policy);
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({ evicted: 0, deleted: 0, warnings: [] });
});

it("D-V24 tries a deletion again that the server could not answer", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let failed = 0;
  proxy.onRequest = (request) => (isDeletion(request) && failed++ < 2 ? { status: 503 } : undefined);
  const policy = { ...inTime.policy, gracePeriodSeconds: 100 };
  const { summary, failure } = await drainNoting(proxy.kubeconfig, fixture.nodeName, policy);
  expect(failure).toBeUndefined();
  expect(summary?.deleted).toBe(1);
  expect(proxy.requests.filter(isDeletion)).toHaveLength(3);
});

it("D-V04 D-V24 deletes in the end what two budgets would hold for ever", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", inTime.pod);
  await fixture.createBudget("by-team", { minAvailable: 0 }, { disruptionsAllowed: 1 });
  await fixture.createBudget("by-app", { minAvailable: 0 }, { disruptionsAllowed: 1 });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, inTime.policy);
  expect(failure).toBeUndefined();
  expect(summary?.deleted).toBe(1);
  expect(evictedNames(proxy)).toEqual(["web-1"]);
});

it("D-O04 never deletes a pod that has to complete by itself as the declaration says", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("job", { labels: { app: "job" } });
  await using proxy = await startFaultProxy(api);
  const rules = [{ name: "jobs", action: "waitCompleted" as const, pods: "app=job" }];
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, {
    ...{ onTimeout, rules },
    timeoutSeconds: 10,
  });
  expect(failure).toContain(`has to complete by itself (rule "jobs"): ${fixture.key("job")}`);
  expect(proxy.requests.filter(isDeletion)).toEqual([]);
  expect(await fixture.isTerminating("job")).toBe(false);
});

it("D-E18 never deletes a pod that is refused, even one that comes during the drain, and tells what went before", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("held", inTime.pod);
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await fixture.createPod("first", { labels: { app: "other" }, phase: "Pending" });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = async ({ path }) => {
    if (path.endsWith("/first/eviction")) await fixture.createPod("bare", { ...inTime.pod, owner: "none" });
    return undefined;
  };
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, inTime.policy);
  expect(failure).toContain(`pods without a controller (drain.force allows it): ${fixture.key("bare")}`);
  expect(failure).toContain(
    `Until then:\n  - deleted past their budgets (drain.onTimeout: deletePods): ${fixture.key("held")}`,
  );
  expect(proxy.requests.filter(isDeletion).filter(({ path }) => path.endsWith("/bare"))).toEqual([]);
});

it("D-O12 drains the rest while a webhook refuses the deletion of one pod, and names it at the limit", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("kept", { grace: 3600 });
  await fixture.createPod("web", { labels: { app: "other" } });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const message = 'admission webhook "guard.example.com" denied the request: not now';
  proxy.onRequest = (request) =>
    isDeletion(request) && request.path.endsWith("/kept")
      ? { status: 403, body: { kind: "Status", reason: "Forbidden", message } }
      : undefined;
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 60 });
  expect(failure).toContain(`its deletion past its budgets fails: ${message}: ${fixture.key("kept")}`);
  expect(await fixture.podNames()).toEqual(["kept"]);
});

it("D-O12 asks for the eviction of a pod whose grace is longer than the drain may take before it deletes it", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("slow", { grace: 3600 });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { summary } = await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 300 });
  expect(summary?.evicted).toBe(1);
  const asked = proxy.requests.filter(({ method, path }) => method !== "GET" && path.includes("/pods/slow"));
  expect(asked[0]?.path).toMatch(/eviction$/);
});
