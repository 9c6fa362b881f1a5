// Drains that are broken off, begin again or fail, and what they leave on the Node, on a real API server.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { drain, strictPolicy, until } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

const hold = ["test.local/hold"];
const exhausted = { disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 };

async function startedOf(fixture: Fixture): Promise<string | undefined> {
  return (await fixture.marks()).drainStarted;
}

/** Writes down a drain as begun so many seconds ago, and broken off. */
async function leaveBegun(fixture: Fixture, secondsAgo: number): Promise<string> {
  const started = new Date(Date.now() - secondsAgo * 1000).toISOString();
  await fixture.setCordoned(true);
  await fixture.annotate({ "nodepools.local/drain-started": started });
  return started;
}

const uidOf = ({ body }: SeenRequest) =>
  (body as { deleteOptions: { preconditions: { uid: string } } }).deleteOptions.preconditions.uid;

it("D-P06 goes on after a SIGKILL: no pod is evicted twice, and the start stays", async () => {
  const fixture = await createNodeFixture(api);
  const names = ["web-1", "web-2", "web-3", "web-4"];
  for (const name of names) await fixture.createPod(name, { finalizers: hold });
  await using proxy = await startFaultProxy(api);
  const evictions = () => proxy.requests.filter(({ path }) => path.endsWith("/eviction"));
  // Two get through, the others never reach the server.
  proxy.onRequest = ({ path }) =>
    path.endsWith("/eviction") && evictions().length > 2 ? new Promise(() => {}) : undefined;
  const script = join(import.meta.dirname, "../../support/drain-process.ts");
  const args = [script, proxy.kubeconfig, fixture.nodeName, JSON.stringify(strictPolicy)];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  const ended = once(child, "exit");
  const terminating = async () => {
    const all = await Promise.all(names.map((name) => fixture.isTerminating(name)));
    return all.filter(Boolean).length;
  };
  await until("two pods terminate", async () => (await terminating()) === 2);
  await until("the others are asked for", () => evictions().length === 4);
  child.kill("SIGKILL");
  await ended;
  const accepted = evictions().slice(0, 2).map(uidOf);
  const started = await startedOf(fixture);
  expect(started).toMatch(/^\d{4}-/);

  proxy.onRequest = () => undefined;
  const running = drain(proxy.kubeconfig, fixture.nodeName, { timeoutSeconds: 500 });
  await until("all terminate", async () => (await terminating()) === 4);
  expect(await startedOf(fixture)).toBe(started);
  for (const name of names) await fixture.release(name);
  await using _ = fixture.kubelet();
  const { summary, failure, progress } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(2);
  expect(progress[0]).toBe(`resuming the drain that started at ${started}`);
  const all = evictions().map(uidOf);
  for (const uid of accepted) expect(all.filter((each) => each === uid)).toHaveLength(1);
  expect(await startedOf(fixture)).toBeUndefined();
});

describe("the deadline of a drain that was broken off", () => {
  it("D-P06 is the one that it had", async () => {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("web-1", { finalizers: hold });
    await leaveBegun(fixture, 270);
    const policy = { timeoutSeconds: 300 };
    const { failure, seconds } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
    expect(failure).toContain("1 pod still there after 300 s");
    expect(seconds).toBeLessThan(150);
  });

  it("D-P14 grows with a timeout that was raised meanwhile", async () => {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("web-1");
    const started = await leaveBegun(fixture, 200);
    await using _ = fixture.kubelet();
    const { summary, progress } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 900 });
    expect(progress[0]).toBe(`resuming the drain that started at ${started}`);
    expect(summary?.evicted).toBe(1);
    expect(summary?.seconds).toBeGreaterThanOrEqual(200);
  });

  it.each([
    ["is over: it would have failed", 400],
    ["lies in the future: another machine's clock", -200],
  ])("D-P06 does not count when its start %s", async (_name, secondsAgo) => {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("web-1", { finalizers: hold });
    const old = await leaveBegun(fixture, secondsAgo);
    await using _ = fixture.kubelet();
    const running = drain(api.kubeconfigPath, fixture.nodeName);
    await until("the start is written anew", async () => (await startedOf(fixture)) !== old);
    await fixture.release("web-1");
    const { failure, progress } = await running;
    expect(failure).toBeUndefined();
    expect(progress.join("\n")).not.toContain("resuming");
    expect(await startedOf(fixture)).toBeUndefined();
  });

  it("D-P06 begins anew after a drain that failed", async () => {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("web-1");
    await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
    const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 5 });
    expect(failure).toContain("1 pod still there after 5 s");
    expect(await startedOf(fixture)).toBeUndefined();
  });
});

describe("D-P07 after a failure that is to be restored", () => {
  const policy = { onFailure: "restore" as const, timeoutSeconds: 5 };

  async function blocked(): Promise<Fixture> {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("web-1");
    await fixture.createBudget("web", { minAvailable: 3 }, exhausted);
    return fixture;
  }

  it("the cordon and the taint of this drain are lifted", async () => {
    const fixture = await blocked();
    const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, {
      ...policy,
      evictDaemonSetPods: true,
    });
    expect(failure).toContain("The Node is schedulable again. Remove the cause");
    expect(await fixture.isCordoned()).toBe(false);
    expect(await fixture.taintKeys()).not.toContain("nodepools.local/leaving");
    expect(await startedOf(fixture)).toBeUndefined();
  });

  it("the cordon of an earlier step of the removal is lifted, and its mark is gone", async () => {
    const fixture = await blocked();
    await fixture.setCordoned(true);
    await fixture.annotate({ "nodepools.local/leaving": new Date().toISOString() });
    const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
    expect(failure).toContain("The Node is schedulable again.");
    expect(await fixture.isCordoned()).toBe(false);
    expect((await fixture.marks()).leaving).toBeUndefined();
  });

  it("someone else's cordon stays", async () => {
    const fixture = await blocked();
    await fixture.setCordoned(true);
    const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
    expect(failure).toContain("The Node stays cordoned. Remove the cause");
    expect(await fixture.isCordoned()).toBe(true);
  });

  it("a refusal before the first eviction lifts it too", async () => {
    const fixture = await createNodeFixture(api);
    await fixture.createPod("bare", { owner: "none" });
    const { failure } = await drain(api.kubeconfigPath, fixture.nodeName, policy);
    expect(failure).toContain("The Node is schedulable again. Allow their eviction or move them.");
    expect(await fixture.isCordoned()).toBe(false);
  });
});
