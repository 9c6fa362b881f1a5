// How pods leave a node on a real API server: budgets, answers of the eviction API, pods that come and go meanwhile.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, fastClock, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const exhausted = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 };

it("D-V01 waits for a budget, tells its numbers, and finishes once the budget is gone", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("cart-1");
  await fixture.createPod("zeta");
  await fixture.createBudget("cart", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  const running = drain(api.kubeconfigPath, fixture.nodeName);
  await untilSaid(running, " and 1 more: budget ");
  await fixture.policy.deleteNamespacedPodDisruptionBudget({ namespace, name: "cart" });
  const { summary, failure, progress } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(2);
  expect(progress.join("\n")).toMatch(
    new RegExp(
      `evicted 0/2, waiting for ${namespace}/(cart-1|zeta) and 1 more: budget ${namespace}/cart allows 0 \\(needs 3, has 3\\) for \\d+ s, \\d+ s$`,
      "m",
    ),
  );
});

it("D-V02 lets a budget that allows one disruption hold the second pod back", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await fixture.createPod("web-2");
  await fixture.createBudget("web", { minAvailable: 1 }, { ...exhausted, disruptionsAllowed: 1 });
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 20 });
  const terminating = [await fixture.isTerminating("web-1"), await fixture.isTerminating("web-2")];
  expect(terminating.filter(Boolean)).toHaveLength(1);
  expect(failure).toContain("2 pods still there after 20 s");
});

it("D-V04 gives up at once on a pod with two budgets, names both, and evicts the others", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("db-1", { labels: { app: "db" } });
  await fixture.createPod("web-1");
  const selector = { matchLabels: { app: "db" } };
  await fixture.createBudget("by-team", { selector, minAvailable: 0 }, { disruptionsAllowed: 1 });
  await fixture.createBudget("by-app", { selector, minAvailable: 0 }, { disruptionsAllowed: 1 });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": 1 pod cannot be evicted:\n` +
      `  - several budgets select the pod (${namespace}/by-app, ${namespace}/by-team), so the server will never evict it: ${namespace}/db-1\n` +
      "All other pods are gone. The Node stays cordoned. Remove the cause and run again.",
  );
  expect(proxy.count("POST", "/pods/db-1/eviction")).toBe(1);
  expect(await fixture.podNames()).toEqual(["db-1"]);
});

it("D-V06 D-V07 evicts pending and finished pods past an exhausted budget", async () => {
  const fixture = await createNodeFixture(api);
  const volumes = [{ name: "data", emptyDir: {} }];
  await fixture.createPod("pending", { phase: "Pending" });
  await fixture.createPod("done", { phase: "Succeeded", volumes });
  await fixture.createPod("failed", { phase: "Failed", owner: "none" });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(summary).toMatchObject({ evicted: 3, warnings: [] });
  const name = { namespace: fixture.namespace, name: "web" };
  const budget = await fixture.policy.readNamespacedPodDisruptionBudget(name);
  expect(budget.status?.disruptedPods ?? {}).toEqual({});
});

it("D-V08 only waits for a pod that is terminating already", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1", { finalizers: ["test.local/hold"] });
  await fixture.core.deleteNamespacedPod({ namespace, name: "web-1" });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName);
  const awaited = `waiting for ${namespace}/web-1: terminating, but not gone`;
  await untilSaid(running, awaited);
  expect(await fixture.podNames()).toEqual(["web-1"]);
  await fixture.core.patchNamespacedPod({
    namespace,
    name: "web-1",
    body: [{ op: "remove", path: "/metadata/finalizers" }],
  });
  const { summary } = await running;
  expect(summary?.evicted).toBe(0);
  expect(proxy.count("POST", "/eviction")).toBe(0);
});

it("D-V09 evicts a pod that is not ready while enough others are healthy, without charging the budget", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("sick", { ready: false });
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(summary?.evicted).toBe(1);
  const name = { namespace: fixture.namespace, name: "web" };
  const budget = await fixture.policy.readNamespacedPodDisruptionBudget(name);
  expect(budget.status?.disruptedPods ?? {}).toEqual({});
});

it("D-V10 holds a pod that is not ready while too few are healthy, unless the budget always allows it", async () => {
  const short = { ...exhausted, currentHealthy: 1 };
  const held = await createNodeFixture(api);
  await held.createPod("sick", { ready: false });
  await held.createBudget("web", { minAvailable: 3 }, short);
  const blocked = await drain(api.kubeconfigPath, held.nodeName, { timeoutSeconds: 20 });
  expect(blocked.failure).toContain(
    `budget ${held.namespace}/web allows 0 (needs 3, has 1): ${held.namespace}/sick`,
  );

  const free = await createNodeFixture(api);
  await free.createPod("sick", { ready: false });
  await free.createBudget("web", { minAvailable: 3, unhealthyPodEvictionPolicy: "AlwaysAllow" }, short);
  await using _ = free.kubelet();
  expect((await drain(api.kubeconfigPath, free.nodeName)).summary?.evicted).toBe(1);
});

it.each([
  [undefined, undefined],
  [0, 0],
  [900, 900],
])("D-V23 sends a grace period of %s as %s", async (wished, sent) => {
  const fixture = await createNodeFixture(api);
  const created = await fixture.createPod("web-1");
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  await drain(proxy.kubeconfig, fixture.nodeName, wished === undefined ? {} : { gracePeriodSeconds: wished });
  const evictions = proxy.requests.filter(({ path }) => path.endsWith("/eviction"));
  const grace = sent === undefined ? {} : { gracePeriodSeconds: sent };
  const preconditions = { uid: created.metadata?.uid };
  expect(evictions.map(({ body }) => body)).toEqual([
    expect.objectContaining({ deleteOptions: { preconditions, ...grace } }),
  ]);
});

it("D-V27 ends at the deadline, names pod and budget, and leaves the node cordoned", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("cart-1");
  await fixture.createBudget("cart", { minAvailable: 3 }, exhausted);
  const policy = { timeoutSeconds: 20 };
  const { failure, seconds } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": 1 pod still there after 20 s:\n` +
      `  - budget ${namespace}/cart allows 0 (needs 3, has 3): ${namespace}/cart-1\n` +
      "The Node stays cordoned. Remove the cause or raise drain.timeoutSeconds, then run again.",
  );
  expect(seconds).toBeLessThan(60);
  expect(await fixture.isCordoned()).toBe(true);
  expect(await fixture.isTerminating("cart-1")).toBe(false);
});

it("D-V28 asks a budget that allows nothing once in five seconds, however many pods it holds", async () => {
  const fixture = await createNodeFixture(api);
  for (const name of ["web-1", "web-2", "web-3"]) await fixture.createPod(name);
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  const clock = fastClock();
  const kube = connect(api.kubeconfigPath, clock);
  const tries: number[] = [];
  const evictPod: typeof kube.evictPod = (...wishes) => {
    tries.push(clock.now());
    return kube.evictPod(...wishes);
  };
  await drainThrough({ ...kube, evictPod }, fixture.nodeName, { timeoutSeconds: 60 }, clock);
  const pauses = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
  expect(pauses.length).toBeGreaterThanOrEqual(3);
  // The drain has looked at the clock a little before it asks. Without the gate, one pod comes right after the other.
  expect(Math.min(...pauses)).toBeGreaterThanOrEqual(4);
});
