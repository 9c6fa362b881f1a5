// Pods that are deleted past their budgets before the drain's limit (onTimeout: deletePods), on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type FaultProxy, type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { drain, evictedNames, speed } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const exhausted = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 };
const onTimeout = "deletePods" as const;

/** A grace that leaves a busy machine a second of its own time between the deletion and the limit. */
const inTime = { pod: { grace: 10 }, policy: { onTimeout, timeoutSeconds: 20 } };

const isDeletion = ({ method, path }: SeenRequest) => method === "DELETE" && path.includes("/pods/");

/** The deletions that the drain asked for: which pod, with what grace, and when on the drain's clock. */
function deletions(proxy: FaultProxy, startedAt: number) {
  return proxy.requests.filter(isDeletion).map(({ path, body, at }) => ({
    name: path.split("/").at(-1),
    grace: (body as { gracePeriodSeconds?: number }).gracePeriodSeconds ?? 0,
    seconds: ((at - startedAt) / 1000) * speed,
  }));
}

it("O12 leaves a pod that a budget holds alone until its grace just fits, then deletes it with that", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("slow", { grace: 20 });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const startedAt = Date.now();
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, {
    onTimeout,
    timeoutSeconds: 60,
  });
  expect(failure).toBeUndefined();
  const [deletion, ...others] = deletions(proxy, startedAt);
  expect(others).toEqual([]);
  // Due at 60 - 2 - 20; what is late of that comes off the grace, so that it still ends in time.
  const { seconds = 0, grace = 0 } = deletion ?? {};
  expect(seconds).toBeGreaterThanOrEqual(38);
  expect(grace).toBeGreaterThanOrEqual(1);
  expect(grace).toBeLessThanOrEqual(Math.min(20, 60 - Math.floor(seconds)));
  expect(summary).toMatchObject({
    evicted: 0,
    deleted: 1,
    warnings: [`deleted past their budgets (drain.onTimeout: deletePods): ${fixture.key("slow")}`],
  });
});

it("O13 deletes a critical pod with a long grace now, although an ordinary one comes before it", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("ordinary", { grace: 5 });
  await fixture.createPod("critical", { grace: 50, priorityClassName: "system-cluster-critical" });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let ordinaryWasLeaving: boolean | undefined;
  proxy.onRequest = async (request) => {
    if (isDeletion(request)) ordinaryWasLeaving ??= await fixture.isTerminating("ordinary");
    return undefined;
  };
  const startedAt = Date.now();
  await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 60 });
  const done = deletions(proxy, startedAt);
  expect(done.map(({ name }) => name)).toEqual(["critical", "ordinary"]);
  expect(ordinaryWasLeaving).toBe(false);
  expect(done[0]?.seconds).toBeLessThan(45);
  expect(done[1]?.seconds).toBeGreaterThanOrEqual(53);
  expect(evictedNames(proxy)).not.toContain("critical");
});

it("O14 deletes a pod again, once, that is terminating with a grace longer than the drain may take", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("slow", { grace: 900 });
  await fixture.core.deleteNamespacedPod({ namespace, name: "slow" });
  await using proxy = await startFaultProxy(api);
  const startedAt = Date.now();
  await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 20 });
  const [first, ...others] = deletions(proxy, startedAt);
  expect(others).toEqual([]);
  expect(first?.grace).toBeGreaterThanOrEqual(1);
  expect(first?.grace).toBeLessThanOrEqual(18);
});

it("O14 leaves a pod that is terminating longer than the drain may take alone where pods are not deleted", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("slow", { grace: 900 });
  await fixture.core.deleteNamespacedPod({ namespace, name: "slow" });
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toContain(`terminating, but not gone: ${fixture.key("slow")}`);
  expect(proxy.requests.filter(isDeletion)).toEqual([]);
});

it("V24 deletes by uid, and never a new pod of the same name", async () => {
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
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, inTime.policy);
  expect(failure).toBeUndefined();
  const preconditions = { uid: created.metadata?.uid };
  expect(proxy.requests.filter(isDeletion).map(({ body }) => body)).toEqual([
    { preconditions, gracePeriodSeconds: expect.any(Number) },
  ]);
  expect(await fixture.isTerminating("db-0")).toBe(false);
});

it("V24 takes a pod that vanished before its deletion for done", async () => {
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
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, inTime.policy);
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({ evicted: 0, deleted: 0, warnings: [] });
});

it("V24 tries a deletion again that the server could not answer", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", inTime.pod);
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let failed = 0;
  proxy.onRequest = (request) => (isDeletion(request) && failed++ < 2 ? { status: 503 } : undefined);
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, {
    onTimeout,
    timeoutSeconds: 30,
    gracePeriodSeconds: 10,
  });
  expect(failure).toBeUndefined();
  expect(summary?.deleted).toBe(1);
  expect(proxy.requests.filter(isDeletion)).toHaveLength(3);
});

it("V04 V24 deletes in the end what two budgets would hold for ever", async () => {
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

it("O04 never deletes a pod that has to complete by itself", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("job", { labels: { "nodepools.local/drain": "wait-completed" } });
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 10 });
  expect(failure).toContain(`has to complete by itself (label nodepools.local/drain): ${fixture.key("job")}`);
  expect(deletions(proxy, 0)).toEqual([]);
  expect(await fixture.isTerminating("job")).toBe(false);
});

it("E18 never deletes a pod that is refused, even one that comes during the drain, and tells what went before", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("held");
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await fixture.createPod("first", { labels: { app: "other" }, phase: "Pending" });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = async ({ path }) => {
    if (path.endsWith("/first/eviction")) await fixture.createPod("bare", { owner: "none" });
    return undefined;
  };
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 20 });
  expect(failure).toContain(`pods without a controller (drain.force allows it): ${fixture.key("bare")}`);
  expect(failure).toContain(
    `Until then:\n  - deleted past their budgets (drain.onTimeout: deletePods): ${fixture.key("held")}`,
  );
  expect(deletions(proxy, 0).map(({ name }) => name)).not.toContain("bare");
});

it("O12 drains the rest while a webhook refuses the deletion of one pod, and names it at the limit", async () => {
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
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 20 });
  expect(failure).toContain(`its deletion past its budgets fails: ${message}: ${fixture.key("kept")}`);
  expect(await fixture.podNames()).toEqual(["kept"]);
});

it("O12 asks for the eviction of a pod whose grace is longer than the drain may take before it deletes it", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("slow", { grace: 3600 });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { summary } = await drain(proxy.kubeconfig, fixture.nodeName, { onTimeout, timeoutSeconds: 60 });
  expect(summary?.evicted).toBe(1);
  const asked = proxy.requests.filter(({ method, path }) => method !== "GET" && path.includes("/pods/slow"));
  expect(asked[0]?.path).toMatch(/eviction$/);
});
