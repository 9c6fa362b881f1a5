// In which order pods leave a node, and which stay: labels, rules and tiers, on a real API server.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DrainRule } from "../../../components/model/drain-policy.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture, type PodWish } from "../../support/cluster-fixture.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { drain, evictedNames, until, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

const hold = ["test.local/hold"];
const labelled = (drainLabel: string): PodWish => ({ labels: { "nodepools.local/drain": drainLabel } });
const ordered = (name: string, order: number): DrainRule => ({
  name,
  pods: `app=${name}`,
  action: "drain",
  order,
});

/** Notes at each eviction which pods are still there. */
function noteWaves(proxy: FaultProxy, fixture: Fixture): string[] {
  const waves: string[] = [];
  proxy.onRequest = async ({ method, path }) => {
    if (method === "POST" && path.endsWith("/eviction"))
      waves.push(`${path.split("/").at(-2)} of ${(await fixture.podNames()).join(" ")}`);
    return undefined;
  };
  return waves;
}

it("D-O01 D-O02 evicts a group once the one before it is gone, and says who comes later", async () => {
  const fixture = await createNodeFixture(api);
  const rules = [ordered("first", -5), ordered("second", -1), ordered("last", 10)];
  await fixture.createPod("first", { labels: { app: "first" }, finalizers: hold });
  for (const app of ["second", "third", "last"]) await fixture.createPod(app, { labels: { app } });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const waves = noteWaves(proxy, fixture);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { rules, timeoutSeconds: 300 });
  await until("the first pod terminates", () => fixture.isTerminating("first"));
  await sleep(1500);
  expect(evictedNames(proxy)).toEqual(["first"]);
  await fixture.release("first");
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(waves).toEqual([
    "first of first last second third",
    "second of last second third",
    "third of last third",
    "last of last",
  ]);
  expect(summary).toMatchObject({ evicted: 4, warnings: [] });
});

it("D-O01 names at the deadline those whose turn had not come", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("first", { labels: { app: "first" }, finalizers: hold });
  await fixture.createPod("third");
  const policy = { rules: [ordered("first", -5)], timeoutSeconds: 20 };
  const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
  expect(failure).toBe(
    `draining node "${fixture.nodeName}": 2 pods still there after 20 s:\n` +
      `  - deleted, but kept by its finalizers test.local/hold: whoever set them has to remove them: ${fixture.key("first")}\n` +
      `  - waits for pods of order -5 (drain.rules): ${fixture.key("third")}\n` +
      "The Node stays cordoned. Remove the cause or raise drain.timeoutSeconds, then run again.",
  );
  expect(await fixture.isTerminating("third")).toBe(false);
});

it("D-O02 does not begin a group while the one before it, terminating from before, is there", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("first", { labels: { app: "first" }, finalizers: hold });
  await fixture.core.deleteNamespacedPod({ namespace, name: "first" });
  await fixture.createPod("later");
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const running = drain(proxy.kubeconfig, fixture.nodeName, { rules: [ordered("first", -5)] });
  await until("the budgets are watched", () => proxy.watches.size === 2);
  await sleep(1000);
  expect(evictedNames(proxy)).toEqual([]);
  await fixture.release("first");
  expect((await running).failure).toBeUndefined();
  expect(evictedNames(proxy)).toEqual(["later"]);
});

it("D-O03 D-O06 leaves pods with the skip label alone in any letter case, and drains those with unknown values", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("lower", labelled("skip"));
  await fixture.createPod("upper", { ...labelled("SKIP"), owner: "none" });
  await fixture.createPod("unknown", labelled("perhaps"));
  await using _ = fixture.kubelet();
  const { summary, failure } = await drain(api.kubeconfigPath, fixture.nodeName);
  expect(failure).toBeUndefined();
  expect(summary?.warnings).toEqual([
    `pods skipped by label nodepools.local/drain: ${fixture.key("lower")}, ${fixture.key("upper")}`,
  ]);
  expect(await fixture.podNames()).toEqual(["lower", "upper"]);
  expect(await fixture.isTerminating("upper")).toBe(false);
});

it("D-O04 D-O05 waits at order 0 for a pod that has to complete, and ends when it has Succeeded, object or not", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace } = fixture;
  await fixture.createPod("job", { ...labelled("wait-completed"), owner: "none" });
  await fixture.createPod("web");
  await fixture.createPod("last", { labels: { app: "last" } });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const policy = { rules: [ordered("last", 10)], timeoutSeconds: 300 };
  const running = drain(proxy.kubeconfig, fixture.nodeName, policy);
  const awaited = `waiting for ${fixture.key("job")} and 1 more: has to complete by itself (label nodepools.local/drain)`;
  await untilSaid(running, awaited);
  await sleep(1000);
  expect(evictedNames(proxy)).toEqual(["web"]);
  const body = [{ op: "replace", path: "/status/phase", value: "Succeeded" }];
  await fixture.core.patchNamespacedPodStatus({ namespace, name: "job", body });
  expect((await running).failure).toBeUndefined();
  expect(evictedNames(proxy)).toEqual(["web", "last"]);
  expect(await fixture.podNames()).toEqual(["job"]);
});

it("D-O07 D-O09 lets a pod's label win over rules, and of rules the first by name", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("marked", labelled("skip"));
  await fixture.createPod("web");
  await using _ = fixture.kubelet();
  const rules: DrainRule[] = [
    { name: "b-all", action: "skip" },
    { name: "a-web", pods: "app=web", action: "drain", order: 3 },
  ];
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName, { rules });
  expect(summary?.evicted).toBe(1);
  expect(await fixture.podNames()).toEqual(["marked"]);
});

it("D-O07 selects by the labels of namespaces", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  await fixture.createPod("mine");
  await other.createPod("theirs", { nodeName: fixture.nodeName });
  await using _ = fixture.kubelet();
  const namespaces = `kubernetes.io/metadata.name=${other.namespace}`;
  const rules: DrainRule[] = [{ name: "storage", namespaces, action: "skip" }];
  const { summary } = await drain(api.kubeconfigPath, fixture.nodeName, { rules });
  expect(summary?.warnings).toEqual([`pods skipped by rule "storage": ${other.key("theirs")}`]);
  expect(await fixture.podNames()).toEqual([]);
  expect(await other.podNames()).toEqual(["theirs"]);
});

it("D-O11 drains ordinary pods, DaemonSets', critical ones and critical DaemonSets' in four waves", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createDaemonSet("agent");
  const ofDaemonSet: PodWish = { owner: { kind: "DaemonSet", name: "agent" } };
  const critical: PodWish = { priorityClassName: "system-cluster-critical" };
  await fixture.createPod("a-critical-agent", { ...ofDaemonSet, priorityClassName: "system-node-critical" });
  await fixture.createPod("b-critical", critical);
  await fixture.createPod("c-agent", ofDaemonSet);
  await fixture.createPod("d-web");
  await fixture.createPod("e-kept", { ...ofDaemonSet, tolerations: [{ operator: "Exists" }] });
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  const waves = noteWaves(proxy, fixture);
  const policy = { evictDaemonSetPods: true, timeoutSeconds: 300 };
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, policy);
  expect(failure).toBeUndefined();
  expect(waves).toEqual([
    "d-web of a-critical-agent b-critical c-agent d-web e-kept",
    "c-agent of a-critical-agent b-critical c-agent e-kept",
    "b-critical of a-critical-agent b-critical e-kept",
    "a-critical-agent of a-critical-agent e-kept",
  ]);
  expect(summary?.warnings).toEqual([`pods of DaemonSets stay: ${fixture.key("e-kept")}`]);
  expect(await fixture.taintKeys()).toContain("nodepools.local/leaving");
});

it("D-N22 D-N23 drains nothing where a rule skips everything, refusals and all", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createPod("web");
  await fixture.createPod("bare", { owner: "none", volumes: [{ name: "data", emptyDir: {} }] });
  await using proxy = await startFaultProxy(api);
  const rules: DrainRule[] = [{ name: "nothing", action: "skip" }];
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, { rules });
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({
    evicted: 0,
    warnings: [`pods skipped by rule "nothing": ${fixture.key("bare")}, ${fixture.key("web")}`],
  });
  expect(evictedNames(proxy)).toEqual([]);
  expect(await fixture.isCordoned()).toBe(true);
});
