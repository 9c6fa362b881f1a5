// Budgets that several drains follow at the same time, on a real API server.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const patiently = { timeout: 10_000, interval: 10 };

const kindsOf = (proxy: FaultProxy) =>
  proxy.requests.map(({ query }) => (query.get("watch") === "true" ? "watch" : "list"));
const watchStands = (proxy: FaultProxy) => vi.waitFor(() => expect(proxy.watches.size).toBe(1), patiently);

it("serves all who follow with one list and one watch, and ends with the last of them", async () => {
  const { namespace, createBudget } = await createNodeFixture(api);
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const [first, second] = await Promise.all([kube.followBudgets(), kube.followBudgets()]);
  await watchStands(proxy);
  const third = await kube.followBudgets();
  expect(kindsOf(proxy)).toEqual(["list", "watch"]);

  let heard = 0;
  first.onChange(() => heard++);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await createBudget("web", { minAvailable: 1 }, { disruptionsAllowed: 2 });
  for (const followed of [second, third])
    await vi.waitFor(() => {
      const budget = followed.items().find(({ metadata }) => metadata?.namespace === namespace);
      expect(budget?.status?.disruptionsAllowed).toBe(2);
    }, patiently);
  expect(heard).toBe(0);
  expect(kindsOf(proxy)).toEqual(["list", "watch"]);

  second[Symbol.dispose]();
  await sleep(300);
  expect(proxy.watches.size).toBe(1);
  third[Symbol.dispose]();
  await vi.waitFor(() => expect(proxy.watches.size).toBe(0), patiently);
});

it("begins anew for those who follow after the last has gone", async () => {
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const first = await kube.followBudgets();
  await watchStands(proxy);
  first[Symbol.dispose]();
  using _ = await kube.followBudgets();
  await vi.waitFor(() => expect(kindsOf(proxy)).toEqual(["list", "watch", "list", "watch"]), patiently);
});

it("fails for all who wait for the first list, and tries again for the next", async () => {
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  proxy.onRequest = () => ({ status: 403, body: { message: "not for you" } });
  const results = await Promise.allSettled([kube.followBudgets(), kube.followBudgets()]);
  expect(results.map((result) => result.status === "rejected" && result.reason.message)).toEqual([
    "listing PodDisruptionBudgets: not for you (403)",
    "listing PodDisruptionBudgets: not for you (403)",
  ]);
  expect(proxy.requests).toHaveLength(1);
  proxy.onRequest = () => undefined;
  using followed = await kube.followBudgets();
  expect(followed.fault()).toBeUndefined();
});
