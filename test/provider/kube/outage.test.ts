// A server that is away for a moment, as in its restart: what may be asked twice is asked again.
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { waitForReady } from "../../../components/providers/membership/ready.ts";
import { settleNode } from "../../../components/providers/membership/settle.ts";
import type { MembershipInputs } from "../../../components/providers/membership/state.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { leapingClock } from "../../support/clocks.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { operationOver } from "../../support/operation.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

/** A proxy that drops the first requests of a method. */
async function dropping(method: string, times: number) {
  const proxy = await startFaultProxy(api);
  let left = times;
  proxy.onRequest = (request) => (request.method === method && left-- > 0 ? "drop" : undefined);
  return proxy;
}

it("deletes a Node in the fifth try, about 5 s after the first", async () => {
  const { nodeName, core } = await createNodeFixture(api);
  await using proxy = await dropping("DELETE", 4);
  const clock = leapingClock();
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, clock });
  const uid = (await kube.readNode(nodeName))?.metadata?.uid ?? "";
  expect(await kube.deleteNode(nodeName, uid)).toBe("deleted");
  expect(clock.sleeps.map(Math.floor)).toEqual([0, 0, expect.any(Number), 3]);
  await expect(core.readNode({ name: nodeName })).rejects.toMatchObject({ code: 404 });
});

it("deletes a bootstrap token again", async () => {
  await using proxy = await dropping("DELETE", 1);
  const { core } = await createNodeFixture(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const expiration = new Date(Date.now() + 60_000).toISOString();
  const token = { tokenId: "abcdef", tokenSecret: "0123456789abcdef", expiration, description: "test" };
  await kube.createBootstrapToken(token);
  await kube.deleteBootstrapToken("abcdef");
  expect(proxy.count("DELETE", "/bootstrap-token-abcdef")).toBe(2);
  const secrets = await core.listNamespacedSecret({ namespace: "kube-system" });
  expect(secrets.items.filter(({ type }) => type === "bootstrap.kubernetes.io/token")).toEqual([]);
});

it("settles a Node again", async () => {
  const { nodeName } = await createNodeFixture(api);
  await using proxy = await dropping("PATCH", 1);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const seen = await kube.readNode(nodeName);
  if (seen === undefined) throw new Error("the fixture has no Node");
  const declared: MembershipInputs = {
    ...{ schema: 1, node: nodeName, pool: "workers", owner: "org/project/stack", joinId: "1" },
    ...{ machineId: seen.status?.nodeInfo?.machineID ?? "", tokenId: "", schedulable: true },
    ...{ labels: { tier: "front" }, annotations: {}, taints: [], maxUnavailable: 1 },
    host: { address: "192.0.2.1", port: 22, user: "root", hostKey: "" },
    drain: { timeoutSeconds: 60, deleteEmptyDirData: false, force: false },
    readyTimeoutSeconds: 60,
    __urn: "urn",
  };
  const settled = await settleNode(kube, seen, declared, undefined);
  expect(settled.metadata?.labels?.tier).toBe("front");
  expect(proxy.count("PATCH", nodeName)).toBe(2);
});

it("believes no refusal of a server that has just come back, and every other", async () => {
  const { nodeName, namespace, createPod } = await createNodeFixture(api);
  const { metadata } = await createPod("web-1");
  await using proxy = await startFaultProxy(api);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const pod = { namespace, name: "web-1", uid: metadata?.uid ?? "" };
  proxy.onRequest = () => ({ status: 403 });
  await expect(kube.readNode(nodeName)).rejects.toThrow(/\(403\)$/);
  expect(await kube.evictPod(pod, 1)).toMatchObject({ kind: "refused" });
  const fates = ["drop", { status: 403 }, { status: 401 }, undefined, { status: 403 }] as const;
  let asked = 0;
  proxy.onRequest = () => fates[asked++];
  expect((await kube.readNode(nodeName))?.metadata?.name).toBe(nodeName);
  expect(await kube.evictPod(pod, 1)).toMatchObject({ kind: "transient" });
  expect(asked).toBe(fates.length);
});

it("is what a wait for Ready names when it lasts", async () => {
  await using proxy = await dropping("GET", Number.POSITIVE_INFINITY);
  const kube = connectKube({ kubeconfig: proxy.kubeconfig, timeoutSeconds: 1 });
  const progress = { now: () => {}, done: () => {}, say: async () => {}, warn: async () => {} };
  const expected = { node: "w1", machineId: "m1", timeoutSeconds: 1 };
  expect(await waitForReady(operationOver(kube), expected, progress)).toEqual({
    ready: false,
    node: undefined,
    missing: [expect.stringMatching(/^unknown: listing Nodes: no answer/)],
  });
});
