// What a drain does by the state of the Node and its volumes, on a real API server.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cordonNode } from "../../../components/drain/cordon.ts";
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

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

it("N01 does nothing for a Node that does not exist, and deletes it twice without complaint", async () => {
  await using proxy = await startFaultProxy(api);
  const { summary } = await drain(proxy.kubeconfig, "no-such-node");
  expect(summary).toEqual({ nodeFound: false, evicted: 0, warnings: [], seconds: 0 });
  expect(proxy.requests.map(({ method }) => method)).toEqual(["GET"]);

  const fixture = await createNodeFixture(api);
  const kube = connectKube({ kubeconfig: api.kubeconfigPath });
  const uid = (await kube.readNode(fixture.nodeName))?.metadata?.uid ?? "";
  expect(await kube.deleteNode(fixture.nodeName, "another-uid")).toBe("absent");
  expect(await kube.readNode(fixture.nodeName)).toBeDefined();
  expect(await kube.deleteNode(fixture.nodeName, uid)).toBe("deleted");
  expect(await kube.deleteNode(fixture.nodeName, uid)).toBe("absent");
});

it("N02 sends no change for a Node that is cordoned already", async () => {
  const fixture = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  expect(await cordonNode(kube, fixture.nodeName)).toBe("changed");
  expect(await cordonNode(kube, fixture.nodeName)).toBe("unchanged");
  await drain(proxy.kubeconfig, fixture.nodeName);
  expect(proxy.count("PATCH", `/nodes/${fixture.nodeName}`)).toBe(1);
  expect(await fixture.isCordoned()).toBe(true);
});

it("N03 evicts nothing when the Node cannot be cordoned", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await using proxy = await startFaultProxy(api);
  const body = { reason: "Forbidden", message: 'admission webhook "guard" denied the request: not now' };
  proxy.onRequest = ({ method }) => (method === "PATCH" ? { status: 403, body } : undefined);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName);
  expect(failure).toBe(
    `changing Node "${fixture.nodeName}": admission webhook "guard" denied the request: not now (403)`,
  );
  expect(proxy.count("POST", "/eviction")).toBe(0);
});

it("N04 does not wait for overdue pods of a node that does not answer", async () => {
  const fixture = await createNodeFixture(api, "Unknown");
  const { namespace } = fixture;
  await fixture.createPod("stuck", { finalizers: ["test.local/hold"] });
  await fixture.core.deleteNamespacedPod({ namespace, name: "stuck" });
  await sleep(2100);
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({
    evicted: 0,
    warnings: [`pods left behind on a node that does not answer: ${fixture.key("stuck")}`],
  });
  expect(summary?.seconds).toBeLessThan(20);
});

it("N06 asks budgets on a node that does not answer too, and gives its pods one second", async () => {
  const fixture = await createNodeFixture(api, "Unknown");
  await fixture.createPod("web-1");
  const numbers = { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
  await fixture.createBudget("web", { minAvailable: 1 }, numbers);
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 3 });
  expect(failure).toContain(
    `budget ${fixture.key("web")} allows 0 (needs 1, has 1): ${fixture.key("web-1")}`,
  );
  const [eviction] = proxy.requests.filter(({ path }) => path.endsWith("/eviction"));
  expect(eviction?.body).toMatchObject({ deleteOptions: { gracePeriodSeconds: 1 } });
});

it("N12 waits until the volumes of evicted pods are detached, and names their claims", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await using _ = fixture.kubelet();
  const running = drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 60 });
  await sleep(1500);
  await fixture.storage.deleteVolumeAttachment({ name: `data-0-${fixture.namespace}` });
  const { failure, progress } = await running;
  expect(failure).toBeUndefined();
  expect(progress.at(-1)).toMatch(
    new RegExp(`^waiting for 1 volume to be detached: ${fixture.key("data-0")} \\d+ s$`),
  );
});

it("N12 ends at the deadline while a volume is attached", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await using _ = fixture.kubelet();
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 10 });
  expect(failure).toBe(
    `draining Node "${fixture.nodeName}": all pods are gone, but after 10 s still waiting for 1 volume to be detached: ` +
      `${fixture.key("data-0")}. The Node stays cordoned; run again once they are detached.`,
  );
});

it("N13 does not wait for the volume of a DaemonSet's pod", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "cache");
  await fixture.createDaemonSet("agent");
  const owner = { kind: "DaemonSet", name: "agent" };
  await fixture.createPod("agent-1", { owner, volumes: [claimVolume("cache")] });
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(0);
});

it("ends when it is aborted, and leaves the node cordoned", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("held", { finalizers: ["test.local/hold"] });
  const stop = new AbortController();
  const running = drainNode(connectKube({ kubeconfig: api.kubeconfigPath }), fixture.nodeName, {
    policy: strictPolicy,
    onProgress: () => stop.abort(new Error("stopped by the user")),
    signal: stop.signal,
  });
  await expect(running).rejects.toThrow("aborted");
  expect(await fixture.isCordoned()).toBe(true);
});

it("P01 cordons on top of changes that others make at the same time", async () => {
  const fixture = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  let seen = 0;
  proxy.onRequest = async ({ method }) => {
    if (method !== "PATCH" || seen++ > 0) return undefined;
    const patch = [{ op: "add", path: "/metadata/labels", value: { other: "one" } }];
    await fixture.core.patchNode({ name: fixture.nodeName, body: patch });
    return undefined;
  };
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  expect(await cordonNode(kube, fixture.nodeName)).toBe("changed");
  expect(proxy.count("PATCH", `/nodes/${fixture.nodeName}`)).toBe(2);
  expect((await kube.readNode(fixture.nodeName))?.metadata?.labels).toMatchObject({ other: "one" });
});

function claimVolume(claimName: string) {
  return { name: "data", persistentVolumeClaim: { claimName } };
}

/** Makes a claim with its volume, attached to the fixture's node. */
async function createVolume({ namespace, nodeName, core, storage }: Fixture, claim: string) {
  const volume = `${claim}-${namespace}`;
  const accessModes = ["ReadWriteOnce"];
  const spec = { accessModes, volumeName: volume, resources: { requests: { storage: "1Gi" } } };
  await core.createNamespacedPersistentVolumeClaim({ namespace, body: { metadata: { name: claim }, spec } });
  const source = { persistentVolumeName: volume };
  const attachment = { attacher: "csi.test.local", nodeName, source };
  await storage.createVolumeAttachment({ body: { metadata: { name: volume }, spec: attachment } });
}
