// A drain over a way to the API server that fails: real server, injected faults.
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type Fault, type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, fastClock, revealing, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const isEviction = ({ path }: SeenRequest) => path.endsWith("/eviction");
const isPodList = ({ path }: SeenRequest) => path === "/api/v1/pods";

/** Fails the first requests that fit, then lets all pass. */
function failFirst(times: number, fits: (request: SeenRequest) => boolean, fault: Fault) {
  let seen = 0;
  return (request: SeenRequest) => (fits(request) && seen++ < times ? fault : undefined);
}

it.each<[string, Fault]>([
  ["500", { status: 500, body: { reason: "InternalError", message: "etcdserver: leader changed" } }],
  ["503", { status: 503 }],
  ["a dropped connection", "drop"],
])("D-V20 tries an eviction again after %s twice", async (_name, fault) => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = failFirst(2, isEviction, fault);
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(1);
  expect(proxy.count("POST", "/eviction")).toBe(3);
});

it("D-V20 survives the loss of an answer to an eviction that took effect", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("web-1");
  await using proxy = await startFaultProxy(api);
  const clock = fastClock();
  const kube = revealing(connect(proxy.kubeconfig, clock));
  proxy.onRequest = async (request) => {
    if (!isEviction(request)) return undefined;
    await fixture.core.deleteNamespacedPod({ namespace, name: "web-1", gracePeriodSeconds: 0 });
    // A drain that does not know it yet may ask again.
    await until("the drain knows", () => kube.knownPods().length === 0);
    return "drop";
  };
  const { failure } = await drainThrough(kube, fixture.nodeName, {}, clock);
  expect(failure).toBeUndefined();
  expect(proxy.count("POST", "/eviction")).toBe(1);
});

it.each([403, 404, 500])("D-V19 tries again after a webhook that defers with code %i", async (status) => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("kafka-0");
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const message = 'admission webhook "drainer" denied the request: the pod will be rolled instead';
  proxy.onRequest = failFirst(3, isEviction, { status, body: { message } });
  const { summary, progress } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(summary?.evicted).toBe(1);
  expect(progress.join("\n")).toContain(message);
});

it("D-V26 tolerates a list that fails while waiting, longer than the client's own retries", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const failing = failFirst(5, isPodList, { status: 503 });
  proxy.onRequest = (request) => (proxy.count("POST", "/eviction") > 0 ? failing(request) : undefined);
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(1);
});

it("D-V26 tells at the deadline that the server could not be asked", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = failFirst(Number.POSITIVE_INFINITY, isPodList, "drop");
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": after 5 s its pods are unknown: listing the pods of Node "${fixture.nodeName}": ` +
      "no answer: other side closed. The Node stays cordoned. Remove the cause or raise drain.timeoutSeconds, then run again.",
  );
});

it("D-E24 begins a list anew when the server has forgotten the continuation", async () => {
  const fixture = await createNodeFixture(api);
  for (const name of ["web-1", "web-2"]) await fixture.createPod(name);
  await using proxy = await startFaultProxy(api);
  const fault = { status: 410, body: { reason: "Expired", message: "too old" } };
  proxy.onRequest = failFirst(1, ({ query }) => query.has("continue"), fault);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, pageSize: 1 });
  const pods = await kube.listPodsOnNode(fixture.nodeName);
  expect(pods.map((pod) => pod.metadata?.name)).toEqual(["web-1", "web-2"]);
  const continued = proxy.requests.map(({ query }) => query.has("continue"));
  expect(continued.slice(0, 4)).toEqual([false, true, false, true]);
});

it("ends a call whose answer does not come, and says how long it waited", async () => {
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = () => new Promise(() => {});
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, timeoutSeconds: 1 });
  await expect(kube.listNodes()).rejects.toThrow("listing Nodes: no answer within 1 s");
  // A second try would be one too many; where the machine pauses, not even the first one gets here in time.
  expect(proxy.requests.length).toBeLessThanOrEqual(1);
});

it("reads again after a server that is overloaded, as long as it wishes", async () => {
  await using proxy = await startFaultProxy(api);
  const headers = { "retry-after": "1" };
  proxy.onRequest = failFirst(1, () => true, { status: 429, headers });
  await connectKube({ kubeconfig: proxy.kubeconfig }).readServerVersion();
  const [first, second] = proxy.requests;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
});
