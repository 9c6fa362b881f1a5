// A drain that is told of news by watches, when these break: real API server, injected faults.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type FaultProxy, type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { drain, evictedNames, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const exhausted = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 };
const isWatch = ({ query }: SeenRequest) => query.get("watch") === "true";

/** Breaks all watches and refuses new ones until the returned function is called. */
function cutWatches(proxy: FaultProxy): () => void {
  proxy.onRequest = (request) => (isWatch(request) ? { status: 503 } : undefined);
  for (const watch of proxy.watches) watch.drop();
  return () => {
    proxy.onRequest = () => undefined;
  };
}

it("loses nothing of what happens while its watches are down", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1");
  await fixture.createPod("web-2");
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 300 });
  await until("the drain watches", () => proxy.watches.size === 2);
  const mend = cutWatches(proxy);
  await fixture.core.deleteNamespacedPod({ namespace, name: "web-1", gracePeriodSeconds: 0 });
  await fixture.policy.deleteNamespacedPodDisruptionBudget({ namespace, name: "web" });
  await fixture.createPod("late");
  await sleep(500);
  mend();
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(2);
  expect(await fixture.podNames()).toEqual([]);
});

it("asks for no eviction on the strength of a list that may be out of date", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1");
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 300 });
  await until("the drain watches", () => proxy.watches.size === 2);
  await until("the budget is asked", () => evictedNames(proxy).length === 1);
  const before = proxy.requests.length;
  const mend = cutWatches(proxy);
  const refused = () =>
    new Set(
      proxy.requests
        .slice(before)
        .filter(isWatch)
        .map(({ path }) => path),
    );
  await until("both watches are refused", () => refused().size === 2);
  await sleep(100);
  const asked = evictedNames(proxy).length;
  // Time for two more questions to the budget.
  await sleep(1400);
  expect(evictedNames(proxy)).toHaveLength(asked);
  mend();
  await fixture.policy.deleteNamespacedPodDisruptionBudget({ namespace, name: "web" });
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(1);
});

it("tells at the deadline that its watch does not come back", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 60 });
  await until("the drain watches", () => proxy.watches.size === 2);
  cutWatches(proxy);
  expect((await running).failure).toBe(
    `draining node "${fixture.nodeName}": after 60 s its pods are unknown: watching the pods of Node "${fixture.nodeName}": ` +
      "injected fault (503). The Node stays cordoned. Remove the cause or raise drain.timeoutSeconds, then run again.",
  );
});

it.each([
  ["the pods of the Node", "/api/v1/pods"],
  ["PodDisruptionBudgets", "/apis/policy/v1/poddisruptionbudgets"],
])(
  "D-E27 evicts nothing where it may list %s but not watch them, and says so at once",
  async (_what, path) => {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("web-1");
    await using _ = fixture.kubelet();
    await using proxy = await startFaultProxy(api);
    const body = { reason: "Forbidden", message: "watching is forbidden" };
    proxy.onRequest = (request) =>
      isWatch(request) && request.path === path ? { status: 403, body } : undefined;
    const { failure, seconds } = await drain(proxy.kubeconfig, fixture.nodeName);
    expect(failure).toContain("watching is forbidden (403)");
    expect(seconds).toBeLessThan(60);
    expect(evictedNames(proxy)).toEqual([]);
  },
);

it("D-E24 goes on after a watch whose version the server has forgotten", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", { finalizers: ["test.local/hold"] });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 300 });
  await until("the pod terminates", () => fixture.isTerminating("web-1"));
  await until("the drain watches", () => proxy.watches.size === 2);
  const expired = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
  for (const watch of proxy.watches) {
    watch.send({ type: "ERROR", object: expired });
    watch.freeze();
  }
  await fixture.release("web-1");
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(1);
});
