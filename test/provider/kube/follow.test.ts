// A list that is followed while all goes well, and its beginning and end: real server.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Pod } from "../../../components/kube/api.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { leapingClock } from "../../support/clocks.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type Fault, startFaultProxy } from "../../support/fault-proxy.ts";
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

it("lists in pages, then watches from there with bookmarks and an end", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  for (const name of ["a", "b", "c"]) await createPod(name);
  await using proxy = await startFaultProxy(api);
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig, pageSize: 1 }).followPodsOnNode(
    nodeName,
  );
  expect(namesOf(followed)).toEqual(["a", "b", "c"]);
  await openWatch(proxy);
  expect(proxy.requests.filter(isPodList)).toHaveLength(3);
  const [watch] = proxy.requests.filter(isWatch);
  expect(watch?.query.get("fieldSelector")).toBe(`spec.nodeName=${nodeName}`);
  expect(watch?.query.get("allowWatchBookmarks")).toBe("true");
  expect(watch?.query.get("timeoutSeconds")).toBe("60");
  expect(Number(watch?.query.get("resourceVersion"))).toBeGreaterThan(0);
  expect(followed.fault()).toBeUndefined();
});

it("shows pods that come, change and go, with the same types as a list", async () => {
  const { nodeName, namespace, core, createPod } = await createNodeFixture(api);
  const kube = connectKube({ kubeconfig: api.kubeconfigPath });
  using followed = await kube.followPodsOnNode(nodeName);
  await createPod("web");
  await vi.waitFor(() => expect(followed.items()[0]?.status?.phase).toBe("Running"), patiently);
  const facts = ({ metadata, spec, status }: Pod) => ({ metadata, spec, status });
  expect(followed.items().map(facts)).toEqual((await kube.listPodsOnNode(nodeName)).map(facts));
  await core.deleteNamespacedPod({ namespace, name: "web" });
  await vi.waitFor(
    () => expect(followed.items()[0]?.metadata?.deletionTimestamp).toBeInstanceOf(Date),
    patiently,
  );
  await core.deleteNamespacedPod({ namespace, name: "web", gracePeriodSeconds: 0 });
  await vi.waitFor(() => expect(followed.items()).toEqual([]), patiently);
});

it("tells listeners once per change, until they end it", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  const pod = await createPod("web");
  await using proxy = await startFaultProxy(api);
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode(nodeName);
  const watch = await openWatch(proxy);
  let calls = 0;
  const end = followed.onChange(() => calls++);
  watch.send({ type: "BOOKMARK", object: { kind: "Pod", metadata: { resourceVersion: "1" } } });
  await sleep(200);
  expect(calls).toBe(0);
  watch.send({ type: "MODIFIED", object: { ...pod, status: { phase: "Failed" } } });
  await vi.waitFor(() => expect(followed.items()[0]?.status?.phase).toBe("Failed"), patiently);
  expect(calls).toBe(1);
  end();
  watch.send({ type: "DELETED", object: pod });
  await vi.waitFor(() => expect(followed.items()).toEqual([]), patiently);
  expect(calls).toBe(1);
});

it.each<[string, Fault, string]>([
  ["is refused", { status: 403, body: refused }, "pods is forbidden: not for you (403)"],
  ["goes on failing", { status: 503 }, "injected fault (503)"],
])("fails when the first list %s", async (_name, fault, text) => {
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = failing(isPodList, fault);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, clock: leapingClock() });
  await expect(kube.followPodsOnNode("w1")).rejects.toThrow(`listing the pods of Node "w1": ${text}`);
  expect(proxy.watches.size).toBe(0);
});

it("outlasts a first list that is overloaded once", async () => {
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = (request) =>
    isPodList(request) && proxy.requests.length === 1 ? { status: 503 } : undefined;
  using followed = await connectKube({ kubeconfig: proxy.kubeconfig }).followPodsOnNode("w1");
  expect(followed.items()).toEqual([]);
  expect(proxy.requests.filter(isPodList)).toHaveLength(2);
});

it("goes on from the last version when the server ends a watch", async () => {
  const { nodeName, createPod } = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, watchSeconds: 5 });
  using followed = await kube.followPodsOnNode(nodeName);
  const faults: (string | undefined)[] = [];
  followed.onChange(() => faults.push(followed.fault()));
  await openWatch(proxy);
  const opened = () => proxy.requests.filter(isWatch).length;
  await vi.waitFor(() => expect(opened()).toBeGreaterThan(2), { timeout: 40_000 });
  await createPod("late");
  await vi.waitFor(() => expect(namesOf(followed)).toEqual(["late"]), patiently);
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  expect(proxy.requests.filter(isPodList)).toHaveLength(1);
});

it("ends its connection and all attempts when it is disposed of", async () => {
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const standing = await kube.followPodsOnNode("w1");
  await openWatch(proxy);
  standing[Symbol.dispose]();
  await vi.waitFor(() => expect(proxy.watches.size).toBe(0), patiently);
  proxy.onRequest = failing(isWatch, { status: 500 });
  const retrying = await kube.followPodsOnNode("w1");
  await vi.waitFor(() => expect(retrying.fault()).toBeDefined(), patiently);
  retrying[Symbol.dispose]();
  const seen = proxy.requests.length;
  await sleep(1000);
  expect(proxy.requests).toHaveLength(seen);
});
