// Which pods a drain evicts, ignores and refuses, on a real API server. Case ids: acceptance table of the drain.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { drain } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const emptyDir = [{ name: "data", emptyDir: {} }];
const daemonSet = { apiVersion: "apps/v1", kind: "DaemonSet", name: "agent" };

it("D-E01 evicts a controlled pod exactly once and leaves the node cordoned", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", { owner: { apiVersion: "v1", kind: "ReplicationController" } });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({ nodeFound: true, evicted: 1, warnings: [] });
  expect(proxy.count("POST", "/pods/web-1/eviction")).toBe(1);
  expect(await fixture.podNames()).toEqual([]);
  expect(await fixture.isCordoned()).toBe(true);
});

it("D-E03 D-E06 D-N08 leaves the pod of an existing DaemonSet alone, emptyDir or not", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createDaemonSet("agent");
  await fixture.createPod("agent-1", { owner: daemonSet, volumes: emptyDir });
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.warnings).toEqual([`pods of DaemonSets stay: ${fixture.key("agent-1")}`]);
  expect(summary?.evicted).toBe(0);
  expect(await fixture.isTerminating("agent-1")).toBe(false);
});

it("D-E05 refuses the orphan of a DaemonSet, and evicts it with force", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("agent-1", { owner: daemonSet });
  await using _ = fixture.kubelet();
  const refused = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(refused.failure).toBe(
    `draining node "${fixture.nodeName}": 1 pod may not be evicted; no pod was evicted:\n` +
      `  - pods whose DaemonSet is gone (drain.force allows it): ${fixture.key("agent-1")}\n` +
      "The Node stays cordoned. Allow their eviction or move them.",
  );
  expect(await fixture.isTerminating("agent-1")).toBe(false);
  const forced = await drain(api.kubeconfigPath, fixture.nodeName, { force: true });
  expect(forced.summary?.warnings).toEqual([
    `evicted pods whose DaemonSet is gone: ${fixture.key("agent-1")}`,
  ]);
  expect(await fixture.podNames()).toEqual([]);
});

it("D-E07 treats a DaemonSet of another API group as an ordinary controller", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("agent-1", { owner: { ...daemonSet, apiVersion: "apps.kruise.io/v1alpha1" } });
  await using _ = fixture.kubelet();
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(summary).toMatchObject({ evicted: 1, warnings: [] });
});

it("D-E08 evicts nothing when a DaemonSet may not be read", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("agent-1", { owner: daemonSet });
  await fixture.createPod("web-1");
  await using proxy = await startFaultProxy(api);
  proxy.onRequest = ({ path }) =>
    path.endsWith("/daemonsets/agent") ? { status: 403, body: { message: "no list for you" } } : undefined;
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBe(`reading DaemonSet "${fixture.key("agent")}": no list for you (403)`);
  expect(proxy.count("POST", "/eviction")).toBe(0);
});

it("D-E09 refuses a naked pod, and evicts it with force", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("bare", { owner: "none" });
  await using _ = fixture.kubelet();
  const refused = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(refused.failure).toContain(
    `  - pods without a controller (drain.force allows it): ${fixture.key("bare")}`,
  );
  expect(await fixture.podNames()).toEqual(["bare"]);
  const forced = await drain(api.kubeconfigPath, fixture.nodeName, { force: true });
  expect(forced.summary?.warnings).toEqual([`evicted pods without a controller: ${fixture.key("bare")}`]);
  expect(await fixture.podNames()).toEqual([]);
});

it("D-E11 evicts the pod of a vanished ReplicaSet without force", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", { owner: { name: "vanished" } });
  await using _ = fixture.kubelet();
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(summary?.evicted).toBe(1);
});

it("D-E17 D-N08 does not touch a mirror pod", async () => {
  const fixture = await createNodeFixture(api);
  const annotations = { "kubernetes.io/config.mirror": "abc" };
  await fixture.createPod("static", {
    annotations,
    owner: { apiVersion: "v1", kind: "Node", name: fixture.nodeName, uid: await nodeUid(fixture) },
  });
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({ evicted: 0, warnings: [] });
  expect(await fixture.isTerminating("static")).toBe(false);
});

it("D-E18 evicts nothing at all when one pod of the node is refused", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("good");
  await fixture.createPod("bare", { owner: "none" });
  await fixture.createPod("scratch", { volumes: emptyDir });
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": 2 pods may not be evicted; no pod was evicted:\n` +
      `  - pods with emptyDir data (drain.deleteEmptyDirData allows it): ${fixture.key("scratch")}\n` +
      `  - pods without a controller (drain.force allows it): ${fixture.key("bare")}\n` +
      "The Node stays cordoned. Allow their eviction or move them.",
  );
  expect(proxy.count("POST", "/eviction")).toBe(0);
  expect(await fixture.isCordoned()).toBe(true);
});

it("D-E20 keeps both warnings of one pod", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("agent-1", { owner: daemonSet, volumes: emptyDir });
  await using _ = fixture.kubelet();
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName, {
    force: true,
    deleteEmptyDirData: true,
  });
  expect(summary?.warnings).toEqual([
    `evicted pods whose DaemonSet is gone: ${fixture.key("agent-1")}`,
    `evicted pods with emptyDir data: ${fixture.key("agent-1")}`,
  ]);
});

it("D-E21 drains an empty node without any eviction", async () => {
  const fixture = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  const { summary } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(summary).toMatchObject({ nodeFound: true, evicted: 0, warnings: [] });
  expect(proxy.count("POST", "/eviction")).toBe(0);
  expect(await fixture.isCordoned()).toBe(true);
});

it("D-E22 leaves the pods of other nodes alone", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  await fixture.createPod("here");
  await fixture.createPod("there", { nodeName: other.nodeName });
  await using _ = fixture.kubelet();
  await drain(api.kubeconfigPath, fixture.nodeName);
  expect(await fixture.podNames()).toEqual(["there"]);
  expect(await fixture.isTerminating("there")).toBe(false);
});

it("D-E22 leaves the pods that podSelector does not select alone, bare or not", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("mail", { labels: { app: "mail" }, owner: "none" });
  await fixture.createPod("web");
  await using _ = fixture.kubelet();
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName, { podSelector: "app in (web)" });
  expect(summary).toMatchObject({
    evicted: 1,
    warnings: [`pods that drain.podSelector does not select stay: ${fixture.key("mail")}`],
  });
  expect(await fixture.podNames()).toEqual(["mail"]);
  expect(await fixture.isTerminating("mail")).toBe(false);
});

it("D-E26 leaves a pod behind once its deletion time has passed longer ago than the policy waits", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("stuck", { finalizers: ["test.local/hold"] });
  await fixture.core.deleteNamespacedPod({ namespace, name: "stuck" });
  const policy = { skipWaitForDeleteTimeoutSeconds: 20 };
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
  expect(failure).toBeUndefined();
  expect(summary?.warnings).toEqual([
    `pods left behind, terminating for more than 20 s: ${fixture.key("stuck")}`,
  ]);
  // Its grace of one second and the twenty of the policy, less what had passed before the drain.
  expect(summary?.seconds).toBeGreaterThanOrEqual(10);
  expect(summary?.seconds).toBeLessThan(90);
  const patient = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 30 });
  expect(patient.failure).toContain(
    `kept by its finalizers test.local/hold: whoever set them has to remove them: ${fixture.key("stuck")}`,
  );
});

it("D-E24 handles all pods of a paged list", async () => {
  const fixture = await createNodeFixture(api);
  for (const name of ["web-1", "web-2", "web-3"]) await fixture.createPod(name);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { summary } = await drain(proxy.kubeconfig, fixture.nodeName, {}, 1);
  expect(summary?.evicted).toBe(3);
  const lists = proxy.requests
    .filter(({ path, query }) => path === "/api/v1/pods" && !query.has("watch"))
    .map(({ query }) => query);
  expect(lists.every((query) => query.get("limit") === "1")).toBe(true);
  expect(lists.slice(0, 3).map((query) => query.has("continue"))).toEqual([false, true, true]);
});

async function nodeUid(fixture: Awaited<ReturnType<typeof createNodeFixture>>): Promise<string> {
  return (await fixture.core.readNode({ name: fixture.nodeName })).metadata?.uid ?? "";
}
