// What a drain of many pods costs the API server: requests counted at a real one.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { drainNode } from "../../../components/drain/drain-node.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { drain, strictPolicy } from "./harness.ts";

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

it("V31 evicts 300 pods once each, at most twenty at a time", async () => {
  const fixture = await createNodeFixture(api);
  await createPods((name) => fixture.createPod(name), 300);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let inFlight = 0;
  let most = 0;
  proxy.onRequest = async ({ path }) => {
    if (!path.endsWith("/eviction")) return undefined;
    most = Math.max(most, ++inFlight);
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
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const options = { policy: strictPolicy, onProgress: () => undefined };
  // With the time that it has in earnest: what is asked every few seconds counts as it does there.
  const summary = await drainNode(kube, fixture.nodeName, options);
  expect(summary.evicted).toBe(20);
  expect(proxy.count("POST", "/eviction")).toBe(20);
  expect(proxy.requests.length - 20).toBeLessThanOrEqual(13);
  expect(await fixture.annotations()).toEqual(before);
});
