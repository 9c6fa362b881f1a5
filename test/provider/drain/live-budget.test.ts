// Drains against budgets and pods that the real controllers keep.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { connect, drain, drainThrough, fastClock, until, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer({ controllers: ["disruption", "replicaset"] });
});
afterAll(() => api.stop());

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

/** Makes a budget for `app: web` and waits until the controller allows so many disruptions. */
async function createLiveBudget({ namespace, policy }: Fixture, minAvailable: number, allowed: number) {
  const name = "web";
  const spec = { minAvailable, selector: { matchLabels: { app: "web" } } };
  await policy.createNamespacedPodDisruptionBudget({ namespace, body: { metadata: { name }, spec } });
  const read = () => policy.readNamespacedPodDisruptionBudget({ namespace, name });
  await until(
    `the budget allows ${allowed}`,
    async () => (await read()).status?.disruptionsAllowed === allowed,
  );
}

/** Plays a ReplicaSet whose new pods all go to another node and are Ready at once, until disposed. */
function replaceElsewhere(
  fixture: Fixture,
  nodeName: string,
  replicas: number,
): AsyncDisposable & { least: number } {
  const { core, namespace } = fixture;
  const seen = { least: replicas };
  let stopped = false;
  const work = async () => {
    for (let made = 0; !stopped; await sleep(50)) {
      const { items } = await core.listNamespacedPod({ namespace });
      const healthy = items.filter(({ metadata }) => !metadata?.deletionTimestamp).length;
      seen.least = Math.min(seen.least, healthy);
      for (let missing = replicas - healthy; missing > 0; missing--)
        await fixture.createPod(`new-${made++}`, { nodeName });
    }
  };
  const done = work();
  return Object.assign(seen, {
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await done;
    },
  });
}

it("D-V02 evicts the second pod of a budget only once the first one's replacement is Ready", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  const { namespace } = fixture;
  for (const name of ["web-1", "web-2"]) await fixture.createPod(name);
  await createLiveBudget(fixture, 1, 1);
  await using _ = fixture.kubelet();

  const running = drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 600 });
  const blocked = `budget ${namespace}/web allows 0 (needs 1, has 1)`;
  await untilSaid(running, blocked);
  // Time for two more questions to the budget.
  await sleep(1500);
  const [held = "", ...rest] = await fixture.podNames();
  expect(["web-1", "web-2"]).toContain(held);
  expect(rest).toEqual([]);
  expect(await fixture.isTerminating(held)).toBe(false);
  await fixture.createPod("web-3", { nodeName: other.nodeName });

  const { summary, failure, progress } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(2);
  expect(await fixture.podNames()).toEqual(["web-3"]);
  expect(progress.join("\n")).toContain(`waiting for ${namespace}/${held}: ${blocked}`);
});

it("D-V02 shares a budget between two nodes that drain at once: hardly a request too many, no pod too few", async () => {
  const fixture = await createNodeFixture(api);
  const [second, other] = [await createNodeFixture(api), await createNodeFixture(api)];
  const names = Array.from({ length: 10 }, (_, index) => index);
  for (const index of names) await fixture.createPod(`one-${index}`);
  for (const index of names) await fixture.createPod(`two-${index}`, { nodeName: second.nodeName });
  await createLiveBudget(fixture, 19, 1);
  await using _ = fixture.kubelet();
  await using replaced = replaceElsewhere(fixture, other.nodeName, 20);
  await using proxy = await startFaultProxy(api);
  const clock = fastClock();
  const kube = connect(proxy.kubeconfig, clock);
  const policy = { timeoutSeconds: 600 };
  const both = [fixture.nodeName, second.nodeName].map((name) => drainThrough(kube, name, policy, clock));
  const records = await Promise.all(both);
  expect(records.map(({ failure }) => failure)).toEqual([undefined, undefined]);
  expect(records.map(({ summary }) => summary?.evicted)).toEqual([10, 10]);
  expect(replaced.least).toBeGreaterThanOrEqual(19);
  // Beside one for each pod, the budget is asked once in five seconds while it allows nothing.
  const probes = Math.max(...records.map(({ seconds }) => seconds)) / 5;
  expect(proxy.count("POST", "/eviction")).toBeLessThanOrEqual(20 + Math.ceil(probes));
  const lists = proxy.requests.filter(
    ({ path, query }) => path.endsWith("/poddisruptionbudgets") && !query.has("watch"),
  );
  expect(lists).toHaveLength(1);
});

it("D-V21 asks one budget for two evictions at a time, and again where the server reports conflicts", async () => {
  const fixture = await createNodeFixture(api);
  await Promise.all(Array.from({ length: 50 }, (_, index) => fixture.createPod(`web-${index}`)));
  await createLiveBudget(fixture, 0, 50);
  await using _ = fixture.kubelet();
  await using proxy = await startFaultProxy(api);
  let [inFlight, most, failures] = [0, 0, 0];
  const body = { reason: "Timeout", message: "PDB conflicts: too many requests, please try again later" };
  proxy.onRequest = async ({ path }) => {
    if (!path.endsWith("/eviction")) return undefined;
    most = Math.max(most, ++inFlight);
    await until("two are under way", () => most >= 2);
    // Time for one more.
    await sleep(20);
    inFlight--;
    return failures++ < 3 ? { status: 504, body, headers: { "retry-after": "10" } } : undefined;
  };
  const { summary, failure } = await drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 600 });
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(50);
  expect(most).toBe(2);
  expect(proxy.count("POST", "/eviction")).toBe(53);
});

it("D-N10 names the controller that creates its pods again on the cordoned node; a rule may skip them", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace, nodeName } = fixture;
  const labels = { app: "stubborn" };
  const containers = [{ name: "main", image: "none" }];
  const template = { metadata: { labels }, spec: { nodeName, containers, terminationGracePeriodSeconds: 1 } };
  const spec = { replicas: 2, selector: { matchLabels: labels }, template };
  await fixture.apps.createNamespacedReplicaSet({
    namespace,
    body: { metadata: { name: "stubborn" }, spec },
  });
  await until("its pods are there", async () => (await fixture.podNames()).length === 2);
  await using _ = fixture.kubelet();
  const { failure } = await drain(api.kubeconfigPath, nodeName, { timeoutSeconds: 600 });
  expect(failure).toMatch(
    /\d pods? cannot be evicted:\n {2}- ReplicaSet stubborn creates its pods again on the cordoned node, \d times so far; a rule in drain.rules can skip them: /,
  );
  const rules = [{ name: "stubborn", pods: "app=stubborn", action: "skip" as const }];
  const skipped = await drain(api.kubeconfigPath, nodeName, { rules });
  expect(skipped.summary).toMatchObject({ evicted: 0 });
});
