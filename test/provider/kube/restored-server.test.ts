// A test's API server, put back to what it held at first before another file gets it.
import { CoreV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { rememberState } from "../../support/etcd-state.ts";

let api: ApiServer;
let core: CoreV1Api;
beforeAll(async () => {
  api = await startApiServer();
  const config = adminConfig(api.kubeconfigText);
  core = config.makeApiClient(CoreV1Api);
});
afterAll(() => api.stop());

/** What the server answers, from its caches as well as from etcd. */
async function contents() {
  const [nodes, namespaces, maps] = await Promise.all([
    core.listNode({ resourceVersion: "0" }),
    core.listNamespace({ resourceVersion: "0" }),
    core.listNamespacedConfigMap({ namespace: "default", resourceVersion: "0" }),
  ]);
  return [...nodes.items, ...namespaces.items, ...maps.items].map(({ metadata, ...rest }) => ({
    ...{ name: metadata?.name, labels: metadata?.labels },
    ...("data" in rest && { data: rest.data }),
  }));
}

it("loses what was added, and has again what was changed and deleted", async () => {
  const map = (name: string, value: string) => ({ metadata: { name }, data: { value } });
  for (const name of ["changed", "deleted", "kept"])
    await core.createNamespacedConfigMap({ namespace: "default", body: map(name, "first") });
  const before = await contents();
  const atFirst = await rememberState(api.etcd);

  await core.createNode({ body: { metadata: { name: "added" } } });
  await core.createNamespace({ body: { metadata: { name: "added" } } });
  await core.replaceNamespacedConfigMap({
    ...{ name: "changed", namespace: "default" },
    body: map("changed", "second"),
  });
  await core.deleteNamespacedConfigMap({ name: "deleted", namespace: "default" });
  expect(await contents()).not.toEqual(before);

  await atFirst.restore();
  await vi.waitFor(async () => expect(await contents()).toEqual(before), { timeout: 30_000, interval: 50 });
});

it("takes more changes than fit into one transaction of etcd", async () => {
  const before = await contents();
  const atFirst = await rememberState(api.etcd);
  const create = (at: number) => core.createNode({ body: { metadata: { name: `added-${at}` } } });
  await Promise.all(Array.from({ length: 150 }, (_, at) => create(at)));
  await atFirst.restore();
  await vi.waitFor(async () => expect(await contents()).toEqual(before), { timeout: 30_000, interval: 50 });
});
