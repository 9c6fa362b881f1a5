// What a drain does by the state of the Node, on a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { beginDrain } from "../../../components/drain/begin-drain.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import { systemClock } from "../../../components/model/clock.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, fastClock, strictPolicy, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const hold = ["test.local/hold"];

it("D-N01 does nothing for a Node that does not exist, and deletes it twice without complaint", async () => {
  await using proxy = await startFaultProxy(api);
  const { summary } = await drain(proxy.kubeconfig, "no-such-node");
  expect(summary).toEqual({
    nodeFound: false,
    evicted: 0,
    deleted: 0,
    restarted: 0,
    waited: 0,
    warnings: [],
    seconds: 0,
    moved: [],
  });
  expect(proxy.requests.map(({ method }) => method)).toEqual(["GET"]);

  const fixture = await createNodeFixture(api);
  const kube = connectKube({ kubeconfig: api.kubeconfigPath });
  const uid = (await kube.readNode(fixture.nodeName))?.metadata?.uid ?? "";
  expect(await kube.deleteNode(fixture.nodeName, "another-uid")).toBe("absent");
  expect(await kube.readNode(fixture.nodeName)).toBeDefined();
  expect(await kube.deleteNode(fixture.nodeName, uid)).toBe("deleted");
  expect(await kube.deleteNode(fixture.nodeName, uid)).toBe("absent");
});

it("D-N02 sends no change for a Node that is cordoned already", async () => {
  const fixture = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const cordon = () => beginDrain(kube, fixture.nodeName, strictPolicy, systemClock.now);
  expect(await cordon()).toMatchObject({ isOurCordon: true });
  expect(await cordon()).toMatchObject({ isOurCordon: false });
  await drain(proxy.kubeconfig, fixture.nodeName);
  expect(proxy.count("PATCH", `/nodes/${fixture.nodeName}`)).toBe(1);
  expect(await fixture.isCordoned()).toBe(true);
});

it("D-N03 evicts nothing when the Node cannot be cordoned", async () => {
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

it("D-N04 does not wait for overdue pods of a node that does not answer", async () => {
  const fixture = await createNodeFixture(api, "Unknown");
  const { namespace } = fixture;
  await fixture.createPod("stuck", { finalizers: ["test.local/hold"] });
  await fixture.core.deleteNamespacedPod({ namespace, name: "stuck" });
  const clock = fastClock(10, 3);
  const kube = connect(api.kubeconfigPath, clock);
  const { summary, failure } = await drainThrough(kube, fixture.nodeName, {}, clock);
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({
    evicted: 0,
    warnings: [`pods left behind on a node that does not answer: ${fixture.key("stuck")}`],
  });
  expect(summary?.seconds).toBeLessThan(20);
});

it("D-N06 asks budgets on a node that does not answer too, and gives its pods one second", async () => {
  const fixture = await createNodeFixture(api, "Unknown");
  await fixture.createPod("web-1");
  const numbers = { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
  await fixture.createBudget("web", { minAvailable: 1 }, numbers);
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 20 });
  expect(failure).toContain(
    `budget ${fixture.key("web")} allows 0 (needs 1, has 1): ${fixture.key("web-1")}`,
  );
  const [eviction] = proxy.requests.filter(({ path }) => path.endsWith("/eviction"));
  expect(eviction?.body).toMatchObject({ deleteOptions: { gracePeriodSeconds: 1 } });
});

it("D-N07 drains a node whose kubelet says that it is not Ready as any other", async () => {
  const fixture = await createNodeFixture(api, "False");
  await fixture.createPod("web-1");
  await fixture.createPod("stuck", { finalizers: hold });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const { failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 40 });
  expect(failure).toContain(
    `kept by its finalizers test.local/hold: whoever set them has to remove them: ${fixture.key("stuck")}`,
  );
  const evictions = proxy.requests.filter(({ path }) => path.endsWith("/eviction"));
  expect(evictions.map(({ body }) => body)).toEqual([
    expect.objectContaining({ deleteOptions: { preconditions: { uid: expect.any(String) } } }),
    expect.objectContaining({ deleteOptions: { preconditions: { uid: expect.any(String) } } }),
  ]);
});

it("D-N04 stops waiting when the kubelet falls silent during the drain", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1");
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 300 });
  await until("the pod terminates", () => fixture.isTerminating("web-1"));
  await fixture.setReady("Unknown");
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({
    evicted: 1,
    warnings: [`pods left behind on a node that does not answer: ${fixture.key("web-1")}`],
  });
  expect(summary?.seconds).toBeLessThan(150);
  expect(await fixture.podNames()).toEqual(["web-1"]);
});

it("D-N01 is done when the Node is deleted during the drain", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", { finalizers: hold });
  const running = drain(api.kubeconfigPath, fixture.nodeName);
  await until("the pod terminates", () => fixture.isTerminating("web-1"));
  await fixture.core.deleteNode({ name: fixture.nodeName });
  expect((await running).failure).toBeUndefined();
});

it("D-N11 cordons again what someone uncordons during the drain, and says so", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", { finalizers: hold });
  await using _ = fixture.kubelet();
  const running = drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 300 });
  await until("the pod terminates", () => fixture.isTerminating("web-1"));
  await fixture.setCordoned(false);
  await until("the Node is cordoned again", fixture.isCordoned);
  await fixture.release("web-1");
  const { summary, failure, progress } = await running;
  const reason = "uncordoned by someone during the drain, and cordoned again";
  expect(failure).toBeUndefined();
  expect(summary?.warnings).toEqual([`${reason}: Node ${fixture.nodeName}`]);
  expect(progress).toContain(reason);
});

it("D-N11 fails when someone uncordons again and again", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web-1", { finalizers: hold });
  await using _ = fixture.kubelet();
  let isRunning = true;
  const running = drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 600 }).finally(() => {
    isRunning = false;
  });
  await until("the pod terminates", () => fixture.isTerminating("web-1"));
  await until("the drain has ended", async () => {
    if (await fixture.isCordoned()) await fixture.setCordoned(false);
    return !isRunning;
  });
  const { failure } = await running;
  expect(failure).toContain(
    `draining node "${fixture.nodeName}": someone uncordoned it 3 times during the drain. Find out who does, then run again.`,
  );
  expect(failure).toContain("Until then:\n  - uncordoned by someone during the drain, and cordoned again");
});

it("D-P01 cordons on top of changes that others make at the same time", async () => {
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
  expect(await beginDrain(kube, fixture.nodeName, strictPolicy, systemClock.now)).toMatchObject({
    isOurCordon: true,
  });
  expect(proxy.count("PATCH", `/nodes/${fixture.nodeName}`)).toBe(2);
  expect((await kube.readNode(fixture.nodeName))?.metadata?.labels).toMatchObject({ other: "one" });
});
