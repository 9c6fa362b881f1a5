// The lists of whole kinds that a preview reads, page by page from a real API server.
import { afterAll, beforeAll, expect, it } from "vitest";
import { connectKube } from "../../../components/kube/connect.ts";
import { systemClock } from "../../../components/model/clock.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const nameOf = ({ metadata }: { metadata?: { name?: string } }) => metadata?.name ?? "";

it("lists the pods of all nodes, namespaces, volumes and volume claims", async () => {
  const [here, there] = [await createNodeFixture(api), await createNodeFixture(api)];
  await here.createPod("a");
  await there.createPod("b");
  const resources = { requests: { storage: "1Gi" } };
  for (const name of ["claim-1", "claim-2"])
    await here.core.createNamespacedPersistentVolumeClaim({
      namespace: here.namespace,
      body: { metadata: { name }, spec: { accessModes: ["ReadWriteOnce"], resources } },
    });
  for (const name of ["volume-1", "volume-2"])
    await here.core.createPersistentVolume({
      body: {
        metadata: { name },
        spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/srv" } },
      },
    });
  const kube = connectKube({ kubeconfig: api.kubeconfigPath, pageSize: 1 });
  const pods = await kube.listPods();
  expect(pods.map(nameOf).sort()).toEqual(["a", "b"]);
  expect(pods.flatMap(({ metadata }) => metadata?.managedFields ?? [])).toEqual([]);
  expect((await kube.listNamespaces()).map(nameOf)).toEqual(
    expect.arrayContaining([here.namespace, there.namespace, "default"]),
  );
  expect((await kube.listVolumeClaims()).map(nameOf)).toEqual(["claim-1", "claim-2"]);
  expect((await kube.listVolumes()).map(nameOf)).toEqual(["volume-1", "volume-2"]);
});

it.each([600, -600])("D-N26 knows from its answers that the server's clock is %i s ahead", async (ahead) => {
  const clock = { ...systemClock, now: () => systemClock.now() - ahead };
  const kube = connectKube({ kubeconfig: api.kubeconfigPath, clock });
  expect(kube.clockOffset()).toBe(0);
  await kube.readServerVersion();
  expect(Math.round(kube.clockOffset() / 60)).toBe(ahead / 60);
});
