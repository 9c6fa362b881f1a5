// Which volumes a drain waits for, on a real API server with attachments set by hand.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { connect, drain, drainThrough, fastClock, until, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

it("D-N12 waits until the volumes of evicted pods are detached, and names their claims", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await using _ = fixture.kubelet();
  const running = drain(api.kubeconfigPath, fixture.nodeName);
  await untilSaid(running, "waiting for 1 volume");
  await fixture.storage.deleteVolumeAttachment({ name: `data-0-${fixture.namespace}` });
  const { failure, progress } = await running;
  expect(failure).toBeUndefined();
  expect(progress.at(-1)).toMatch(
    new RegExp(`^waiting for 1 volume to be detached: ${fixture.key("data-0")}, \\d+ s$`),
  );
});

it("D-N12 ends at the deadline while a volume is attached", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await using _ = fixture.kubelet();
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 60 });
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": all pods are gone, but 60 s later still waiting for 1 volume to be detached: ` +
      `${fixture.key("data-0")}. The Node stays cordoned. Run again once they are detached.`,
  );
});

it("D-N13 does not wait for the volume of a DaemonSet's pod", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "cache");
  await fixture.createDaemonSet("agent");
  const owner = { kind: "DaemonSet", name: "agent" };
  await fixture.createPod("agent-1", { owner, volumes: [claimVolume("cache")] });
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(0);
});

it("D-N12 ends at a limit of its own for volumes, which begins with the last pod gone", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await using _ = fixture.kubelet();
  const policy = { timeoutSeconds: 1000, volumeDetachTimeoutSeconds: 10 };
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": all pods are gone, but 10 s later still waiting for 1 volume to be detached: ` +
      `${fixture.key("data-0")}. The Node stays cordoned. Run again once they are detached.`,
  );
});

it("D-N12 waits for volumes longer than for pods where it may", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await using _ = fixture.kubelet();
  const policy = { timeoutSeconds: 60, volumeDetachTimeoutSeconds: 500 };
  const running = drain(api.kubeconfigPath, fixture.nodeName, policy);
  await untilSaid(running, "waiting for 1 volume");
  const secondsSaid = () => Number(/(\d+) s$/.exec(running.progress.at(-1) ?? "")?.[1]);
  const begun = secondsSaid();
  await until("it has waited longer than without that limit", () => secondsSaid() > begun + 65);
  await fixture.storage.deleteVolumeAttachment({ name: `data-0-${fixture.namespace}` });
  expect((await running).failure).toBeUndefined();
});

it("D-O03 D-N13 does not wait for the volume of a pod that is skipped", async () => {
  const fixture = await createNodeFixture(api);
  await createVolume(fixture, "cache");
  const labels = { "nodepools.local/drain": "skip" };
  await fixture.createPod("web-1", { labels, volumes: [claimVolume("cache")] });
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 5 });
  expect(failure).toBeUndefined();
});

it("D-N15 does not wait for volumes of a node that does not answer, and says what frees them", async () => {
  const fixture = await createNodeFixture(api, "Unknown");
  const { namespace } = fixture;
  await createVolume(fixture, "data-0");
  await fixture.createPod("db-0", { volumes: [claimVolume("data-0")] });
  await fixture.core.deleteNamespacedPod({ namespace, name: "db-0" });
  const clock = fastClock(10, 2);
  const kube = connect(api.kubeconfigPath, clock);
  const { summary, failure } = await drainThrough(kube, fixture.nodeName, {}, clock);
  expect(failure).toBeUndefined();
  expect(summary?.warnings).toEqual([
    `pods left behind on a node that does not answer: ${fixture.key("db-0")}`,
    "volumes stay attached until the machine is proven off and its Node is gone or has the taint " +
      `node.kubernetes.io/out-of-service: ${fixture.key("data-0")}`,
  ]);
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
