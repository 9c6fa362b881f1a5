// Drains that wait for replacements, on a real API server whose Deployments and StatefulSets live.
import { CustomObjectsApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { drain, until, untilSaid } from "./harness.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer({ controllers: ["deployment", "replicaset", "statefulset"] });
});
afterAll(() => api.stop());

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const waiting = { waitForReplacements: 300 };
const labels = { app: "web" };

/** A template whose pods land on the node that they are bound to. */
const template = {
  metadata: { labels },
  spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "none" }] },
};

async function createDeployment({ apps, namespace }: Fixture, replicas: number): Promise<void> {
  const spec = { replicas, selector: { matchLabels: labels }, template };
  await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: "web" }, spec } });
}

async function pendingPods({ core, namespace }: Fixture): Promise<string[]> {
  const { items } = await core.listNamespacedPod({ namespace });
  return items.filter(({ spec }) => spec?.nodeName === undefined).map(({ metadata }) => metadata?.name ?? "");
}

/** Plays scheduler and kubelet for the pods that have no node: binds them and makes them Ready. */
async function start(fixture: Fixture, nodeName: string, count: number): Promise<void> {
  const { core, namespace } = fixture;
  await until(`${count} pods wait for a node`, async () => (await pendingPods(fixture)).length === count);
  for (const name of await pendingPods(fixture)) {
    const target = { apiVersion: "v1", kind: "Node", name: nodeName };
    await core.createNamespacedPodBinding({ namespace, name, body: { metadata: { name }, target } });
    const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    await core.patchNamespacedPodStatus({ namespace, name, body: { status } }, mergePatch);
  }
}

it("D-R01 D-R04 a Deployment and a StatefulSet are waited for, by the run that a failed one leaves the rest to as well", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  await createDeployment(fixture, 2);
  await start(fixture, fixture.nodeName, 2);
  const db = { app: "db" };
  const byDb = [
    { key: "app", operator: "In", values: ["db", "store"] },
    { key: "app", operator: "Exists" },
    { key: "canary", operator: "DoesNotExist" },
  ];
  const spec = { replicas: 1, selector: { matchExpressions: byDb }, serviceName: "db", template };
  const body = {
    metadata: { name: "db" },
    spec: { ...spec, template: { ...template, metadata: { labels: db } } },
  };
  await fixture.apps.createNamespacedStatefulSet({ namespace: fixture.namespace, body });
  await start(fixture, fixture.nodeName, 1);
  await using _ = fixture.kubelet();

  const { namespace, nodeName } = fixture;
  const failed = await drain(api.kubeconfigPath, nodeName, { waitForReplacements: 10 });
  expect(failed.failure).toContain(
    `2 owners of them have fewer Ready pods than before (${namespace}/Deployment web 0 of 2, ${namespace}/StatefulSet db 0 of 1):`,
  );
  expect(failed.failure).toContain(`Pending: the scheduler has not looked at it yet: ${namespace}/db-0, `);

  const running = drain(api.kubeconfigPath, nodeName, waiting);
  await untilSaid(
    running,
    `waiting for Ready pods of ${namespace}/Deployment web 0 of 2, ${namespace}/StatefulSet db`,
  );
  await start(fixture, other.nodeName, 3);
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary?.evicted).toBe(0);
  const node = await fixture.core.readNode({ name: nodeName });
  expect(Object.keys({ ...node.metadata?.annotations, ...node.metadata?.labels })).not.toContain(
    "nodepools.local/ready-before",
  );
});

it("D-R08 a Deployment of one whose budget allows no eviction is moved by its rollout, and stays healthy", async () => {
  const fixture = await createNodeFixture(api);
  const other = await createNodeFixture(api);
  await createDeployment(fixture, 1);
  await start(fixture, fixture.nodeName, 1);
  await fixture.createBudget(
    "web",
    { minAvailable: 1 },
    { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  );
  await using _ = fixture.kubelet();
  const { namespace, nodeName } = fixture;
  const rules = [{ name: "first", action: "restart" }] as const;
  const running = drain(api.kubeconfigPath, nodeName, { rules });
  await until("the surge waits for a node", async () => (await pendingPods(fixture)).length === 1);
  const [before] = (await fixture.core.listNamespacedPod({ namespace })).items.filter(
    ({ spec }) => spec?.nodeName === nodeName,
  );
  expect(before?.metadata?.deletionTimestamp).toBeUndefined();
  await start(fixture, other.nodeName, 1);
  const { summary, failure } = await running;
  expect(failure).toBeUndefined();
  expect(summary).toMatchObject({ evicted: 0, restarted: 1 });
  const revisions = await fixture.apps.listNamespacedReplicaSet({ namespace });
  expect(revisions.items).toHaveLength(2);
});

it("D-R01 a kind of somebody else is waited for by its scale", async () => {
  const fixture = await createNodeFixture(api);
  const { namespace, nodeName } = fixture;
  const uid = await createGameServers(fixture);
  const owner = { apiVersion: "games.example.com/v1", kind: "FleetSet", name: "fleet", uid };
  await fixture.createPod("fleet-1", { owner });
  await using _ = fixture.kubelet();
  const running = drain(api.kubeconfigPath, nodeName, waiting);
  await untilSaid(running, `waiting for Ready pods of ${namespace}/FleetSet fleet 0 of 1`);
  await fixture.createPod("fleet-2", { owner, nodeName: "elsewhere" });
  expect((await running).failure).toBeUndefined();
});

/** Defines a kind with a scale and makes one object of it; returns its uid. */
async function createGameServers({ namespace }: Fixture): Promise<string> {
  const config = adminConfig(api.kubeconfigText);
  const custom = config.makeApiClient(CustomObjectsApi);
  const [group, version, plural] = ["games.example.com", "v1", "fleetsets"];
  const scale = {
    ...{ specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
    labelSelectorPath: ".status.selector",
  };
  const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      ...{ group, scope: "Namespaced", names: { plural, kind: "FleetSet" } },
      versions: [
        {
          ...{ name: version, served: true, storage: true, subresources: { scale } },
          schema: { openAPIV3Schema: anything },
        },
      ],
    },
  };
  const definitions = { group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions" };
  await custom.createClusterCustomObject({ ...definitions, body: definition });
  const body = {
    ...{ apiVersion: `${group}/${version}`, kind: "FleetSet", metadata: { name: "fleet" } },
    ...{ spec: { replicas: 1 }, status: { replicas: 1, selector: "app=web" } },
  };
  const create = () => custom.createNamespacedCustomObject({ group, version, namespace, plural, body });
  let made: { metadata: { uid: string } } | undefined;
  await until("the kind is served", async () => {
    made = await create().catch(() => undefined);
    return made !== undefined;
  });
  return made?.metadata.uid ?? "";
}
