// What happens to the Node while a drain waits for its volumes, on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { drain, until, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

/** Starts a drain and returns it once all pods are gone and it waits for a volume. */
async function waitingForVolume() {
  const fixture = await createNodeFixture(api);
  const { namespace, nodeName } = fixture;
  const volume = `data-${namespace}`;
  const spec = { attacher: "csi.test.local", nodeName, source: { persistentVolumeName: volume } };
  await fixture.storage.createVolumeAttachment({ body: { metadata: { name: volume }, spec } });
  await fixture.createPod("db-0");
  const kubelet = fixture.kubelet();
  const running = drain(api.kubeconfigPath, nodeName, { timeoutSeconds: 600 });
  await untilSaid(running, "waiting for 1 volume to be detached");
  const detach = () => fixture.storage.deleteVolumeAttachment({ name: volume });
  return { fixture, running, detach, [Symbol.asyncDispose]: () => kubelet[Symbol.asyncDispose]() };
}

it("D-N11 drains again what came to a node that someone uncordoned while its volumes were awaited", async () => {
  await using wait = await waitingForVolume();
  const { fixture, running, detach } = wait;
  // The drain does not look at pods now; once it sees the node uncordoned it does, and the pod has to be there by then.
  await fixture.createPod("late");
  await fixture.setCordoned(false);
  await until("the node is cordoned again", fixture.isCordoned);
  await detach();
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(2);
  expect(await fixture.podNames()).toEqual([]);
});

it("D-N01 is done when the Node is deleted while its volumes are awaited", async () => {
  await using wait = await waitingForVolume();
  await wait.fixture.core.deleteNode({ name: wait.fixture.nodeName });
  const { failure } = await wait.running;
  expect(failure).toBeUndefined();
});

it("D-N15 stops waiting for volumes when the kubelet falls silent, and says what stays", async () => {
  await using wait = await waitingForVolume();
  await wait.fixture.setReady("Unknown");
  const { summary, failure } = await wait.running;
  expect(failure).toBeUndefined();
  expect(summary?.warnings.join()).toContain("node.kubernetes.io/out-of-service");
});
