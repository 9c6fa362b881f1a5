// A drain against a budget that the real disruption controller keeps.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { drain } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer({ controllers: ["disruption"] });
});
afterAll(() => api.stop());

it("V02 evicts the second pod of a budget only once the first one's replacement is Ready", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  const { namespace, policy } = fixture;
  for (const name of ["web-1", "web-2"]) await fixture.createPod(name);
  await policy.createNamespacedPodDisruptionBudget({
    namespace,
    body: { metadata: { name: "web" }, spec: { minAvailable: 1, selector: { matchLabels: { app: "web" } } } },
  });
  const allowed = async () =>
    (await policy.readNamespacedPodDisruptionBudget({ namespace, name: "web" })).status?.disruptionsAllowed;
  while ((await allowed()) !== 1) await sleep(100);
  await using _ = fixture.kubelet();

  const running = drain(api.kubeconfigPath, fixture.nodeName, { timeoutSeconds: 300 });
  await sleep(3000);
  const [held = "", ...rest] = await fixture.podNames();
  expect(["web-1", "web-2"]).toContain(held);
  expect(rest).toEqual([]);
  expect(await fixture.isTerminating(held)).toBe(false);
  await fixture.createPod("web-3", { nodeName: other.nodeName });

  const { summary, failure, progress } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(2);
  expect(await fixture.podNames()).toEqual(["web-3"]);
  const blocked = `waiting for ${namespace}/${held}: budget ${namespace}/web allows 0 (needs 1, has 1)`;
  expect(progress.some((text) => text.includes(blocked))).toBe(true);
});
