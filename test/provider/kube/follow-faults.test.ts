// A list that is followed over watches which fail in every way: real server, injected faults.
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { failing, isPodList, isWatch, namesOf, openWatch, patiently } from "./watching.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const refused = {
  kind: "Status",
  reason: "Forbidden",
  message: "pods is forbidden: not for you",
  code: 403,
};

const expired = { kind: "Status", reason: "Expired", message: "too old resource version", code: 410 };

it("loses no event when the connection breaks, and lists no second time", async () => {
  const { nodeName, namespace, core, createPod } = await createNodeFixture(api);
  for (const name of ["a", "b"]) await createPod(name);
  await using proxy = await startFaultProxy(api);
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode(nodeName);
  const watch = await openWatch(proxy);
  await createPod("c");
  await vi.waitFor(() => expect(followed.items()[2]?.status?.phase).toBe("Running"), patiently);
  proxy.onRequest = failing(isWatch, "drop");
  watch.drop();
  await vi.waitFor(
    () =>
      expect(followed.fault()).toBe(`watching the pods of Node "${nodeName}": no answer: other side closed`),
    patiently,
  );
  await core.deleteNamespacedPod({ namespace, name: "a", gracePeriodSeconds: 0 });
  await createPod("d");
  proxy.onRequest = () => undefined;
  await vi.waitFor(() => expect(namesOf(followed)).toEqual(["b", "c", "d"]), patiently);
  expect(followed.fault()).toBeUndefined();
  expect(proxy.requests.filter(isPodList)).toHaveLength(1);
  const versions = proxy.requests.filter(isWatch).map(({ query }) => query.get("resourceVersion"));
  expect(new Set(versions.slice(1)).size).toBe(1);
  expect(versions[1]).not.toBe(versions[0]);
});

it("lists anew when an event says that the version is too old, and tells of no fault", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  await createPod("a");
  await using proxy = await startFaultProxy(api);
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode(nodeName);
  const faults: (string | undefined)[] = [];
  const watch = await openWatch(proxy);
  followed.onChange(() => faults.push(followed.fault()));
  proxy.onRequest = async (request) => {
    if (isPodList(request)) await createPod("b");
    return undefined;
  };
  watch.send({ type: "ERROR", object: expired });
  await vi.waitFor(() => expect(namesOf(followed)).toEqual(["a", "b"]), patiently);
  await openWatch(proxy);
  expect(proxy.requests.filter(isPodList)).toHaveLength(2);
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

it("lists anew when the server answers a watch with 410, also when the list fails at first", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode(nodeName);
  const watch = await openWatch(proxy);
  proxy.onRequest = (request) => (isWatch(request) ? { status: 410, body: expired } : { status: 503 });
  watch.end();
  const fault = `listing the pods of Node "${nodeName}": injected fault (503)`;
  await vi.waitFor(() => expect(followed.fault()).toBe(fault), patiently);
  await createPod("a");
  proxy.onRequest = () => undefined;
  await vi.waitFor(() => expect(namesOf(followed)).toEqual(["a"]), patiently);
  await vi.waitFor(() => expect(followed.fault()).toBeUndefined(), patiently);
});

it("waits as long as an overloaded server wishes", async () => {
  await using proxy = await startFaultProxy(api);
  const headers = { "retry-after": "2" };
  proxy.onRequest = (request) =>
    isWatch(request) && proxy.requests.filter(isWatch).length === 1 ? { status: 429, headers } : undefined;
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode("w1");
  await openWatch(proxy);
  const [first, second] = proxy.requests.filter(isWatch);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1990);
  expect(followed.items()).toEqual([]);
});

it("asks ever more slowly while the server fails", async () => {
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = failing(isWatch, { status: 500 });
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode("w1");
  await vi.waitFor(() => expect(proxy.requests.filter(isWatch)).toHaveLength(5), patiently);
  expect(followed.fault()).toBe('watching the pods of Node "w1": injected fault (500)');
  const times = proxy.requests.filter(isWatch).map(({ at }) => at);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  for (const [index, pause] of pauses.entries()) expect(pause).toBeGreaterThanOrEqual(190 * 2 ** index);
});

it("tells of a right to watch that was withdrawn, and keeps the list current by lists", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode(nodeName);
  const watch = await openWatch(proxy);
  proxy.onRequest = failing(isWatch, { status: 403, body: refused });
  watch.end();
  const fault = `watching the pods of Node "${nodeName}": pods is forbidden: not for you (403)`;
  await vi.waitFor(() => expect(followed.fault()).toBe(fault), patiently);
  await createPod("a");
  await vi.waitFor(() => expect(namesOf(followed)).toEqual(["a"]), patiently);
  expect(followed.fault()).toBe(fault);
});

it("notices a connection that went silent", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, watchSeconds: 2 });
  using followed = await kube.followPodsOnNode(nodeName);
  const faults: (string | undefined)[] = [];
  followed.onChange(() => faults.push(followed.fault()));
  (await openWatch(proxy)).freeze();
  await createPod("a");
  await vi.waitFor(() => expect(namesOf(followed)).toEqual(["a"]), patiently);
  expect(faults).toContain(`watching the pods of Node "${nodeName}": no answer within 2.4 s`);
  expect(followed.fault()).toBeUndefined();
});
