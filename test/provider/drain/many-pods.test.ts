// What a drain of many pods costs the API server: requests counted at a real one.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, fastClock, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

/** Makes pods, twenty at a time. */
async function createPods(create: (name: string) => Promise<unknown>, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `web-${index}`);
  const createNext = async (): Promise<void> => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) await create(name);
  };
  await Promise.all(Array.from({ length: 20 }, createNext));
}

it("D-V31 evicts 300 pods once each, at most twenty at a time", async () => {
  const fixture = await createNodeFixture(api);
  await createPods((name) => fixture.createPod(name), 300);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let inFlight = 0;
  let most = 0;
  proxy.onRequest = async ({ path }) => {
    if (!path.endsWith("/eviction")) return undefined;
    most = Math.max(most, ++inFlight);
    await until("twenty are under way", () => most >= 20);
    // Time for one more.
    await sleep(50);
    inFlight--;
    return undefined;
  };
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 600 });
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(300);
  expect(await fixture.podNames()).toEqual([]);
  expect(proxy.count("POST", "/eviction")).toBe(300);
  expect(most).toBe(20);
});

it("costs one request for each pod and a dozen for the node, and leaves no mark on it", async () => {
  const fixture = await createNodeFixture(api);
  await createPods((name) => fixture.createPod(name), 20);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const before = await fixture.annotations();
  // With the time that it has in earnest: what is asked every few seconds counts as it does there.
  const clock = fastClock(1);
  const { summary, seconds } = await drainThrough(
    connect(proxy.kubeconfig, clock),
    fixture.nodeName,
    {},
    clock,
  );
  expect(summary?.evicted).toBe(20);
  expect(proxy.count("POST", "/eviction")).toBe(20);
  // It looks at the node once in five seconds.
  expect(proxy.requests.length - 20).toBeLessThanOrEqual(12 + Math.floor(seconds / 5));
  expect(await fixture.annotations()).toEqual(before);
});
