// Pods that vanish, return or outlive their namespace while their node is drained, on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, fastClock, revealing, until, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const exhausted = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 };

/** Runs an action just before the nth eviction of a pod reaches the server. */
function beforeEviction(proxy: FaultProxy, nth: number, act: () => Promise<unknown>): void {
  let seen = 0;
  proxy.onRequest = async ({ path, method }) => {
    if (method !== "POST" || !path.endsWith("/eviction")) return undefined;
    seen++;
    if (seen === nth) await act();
    return undefined;
  };
}

it("D-V11 counts a pod that vanished before its eviction as done", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1");
  await using proxy = await startFaultProxy(api);
  beforeEviction(proxy, 1, () =>
    fixture.core.deleteNamespacedPod({ namespace, name: "web-1", gracePeriodSeconds: 0 }),
  );
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(0);
});

it("D-V13 never touches a new pod of the same name on another node", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  const other = await createNodeFixture(api);
  await fixture.createPod("db-0");
  await fixture.createBudget("db", { minAvailable: 3 }, exhausted);
  await using proxy = await startFaultProxy(api);
  const clock = fastClock();
  const kube = revealing(connect(proxy.kubeconfig, clock));
  beforeEviction(proxy, 2, async () => {
    await fixture.core.deleteNamespacedPod({ namespace, name: "db-0", gracePeriodSeconds: 0 });
    await fixture.policy.deleteNamespacedPodDisruptionBudget({ namespace, name: "db" });
    await fixture.createPod("db-0", { nodeName: other.nodeName });
    // A drain that does not know it yet may ask a third time.
    await until("the drain knows", () => kube.knownPods().length === 0);
  });
  const { summary, failure } = await drainThrough(kube, fixture.nodeName, {}, clock);
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(0);
  expect(proxy.count("POST", "/eviction")).toBe(2);
  expect(await fixture.isTerminating("db-0")).toBe(false);
});

it("D-V14 drains a new pod of the same name on the same node as well", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("db-0");
  await fixture.createBudget("db", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  beforeEviction(proxy, 2, async () => {
    await fixture.core.deleteNamespacedPod({ namespace, name: "db-0", gracePeriodSeconds: 0 });
    await fixture.policy.deleteNamespacedPodDisruptionBudget({ namespace, name: "db" });
    await fixture.createPod("db-0");
  });
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(1);
  expect(await fixture.podNames()).toEqual([]);
});

it("D-V15 is done when an evicted pod of a StatefulSet is back on another node under its old name", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  const other = await createNodeFixture(api);
  await fixture.createPod("db-0");
  const running = drain(api.kubeconfigPath, fixture.nodeName);
  await until("the pod terminates", () => fixture.isTerminating("db-0"));
  await fixture.core.deleteNamespacedPod({ namespace, name: "db-0", gracePeriodSeconds: 0 });
  await fixture.createPod("db-0", { nodeName: other.nodeName });
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({ evicted: 1 });
  expect(await fixture.isTerminating("db-0")).toBe(false);
});

it("D-V16 ends at the deadline when nobody removes the pods of a terminating namespace", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1");
  await fixture.core.deleteNamespace({ name: namespace });
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 20 });
  expect(failure).toContain(`namespace ${namespace} is terminating: ${fixture.key("web-1")}`);
});

it("D-V16 waits while the namespace of a pod is being removed", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1");
  await fixture.core.deleteNamespace({ name: namespace });
  await using _ = fixture.kubelet();
  const running = drain(api.kubeconfigPath, fixture.nodeName);
  await untilSaid(running, `waiting for ${namespace}/web-1: namespace ${namespace} is terminating`);
  await fixture.core.deleteNamespacedPod({ namespace, name: "web-1" });
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(0);
});

it("D-V14 drains a pod that the scheduler binds just after the cordon", async () => {
  const fixture = await createNodeFixture(api);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = async ({ path }) => {
    if (path === "/api/v1/pods" && proxy.count("GET", path) === 2) await fixture.createPod("late");
    return undefined;
  };
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(1);
  expect(await fixture.podNames()).toEqual([]);
});
