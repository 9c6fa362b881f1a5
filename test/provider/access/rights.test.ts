// The declared rights against the program's calls on a real API server with RBAC: no call is refused, no right is idle.
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  type AccessRule,
  accessName,
  clusterRules,
  inventoryName,
  namespaceRules,
  previewName,
  previewNamespaceRules,
  previewRules,
} from "../../../components/access/rules.ts";
import type { KubeApi } from "../../../components/kube/api.ts";
import { connectKube } from "../../../components/kube/connect.ts";
import { renderJob } from "../../../components/model/hook-job.ts";
import { type KubernetesPlugin, startKubernetesPlugin } from "../../stand-ins/engine.ts";
import type { ApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type FaultProxy, type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { allNeeds, hookManifest } from "../../support/lab-identity.ts";
import { drain } from "../drain/harness.ts";
import { createDeployment, grant, type IdentitySite, rbacGroup, startIdentitySite } from "./identity.ts";

let site: IdentitySite;
let api: ApiServer;
let proxy: FaultProxy;
let plugin: KubernetesPlugin;

beforeAll(async () => {
  [site, plugin] = await Promise.all([startIdentitySite(), startKubernetesPlugin()]);
  ({ api, proxy } = site);
});

afterAll(async () => {
  await plugin.stop();
  await site[Symbol.asyncDispose]();
});

type Fixture = Awaited<ReturnType<typeof createNodeFixture>>;
type Call = (kube: KubeApi, fixture: Fixture) => Promise<unknown>;

/** Waits until a followed list had the time to open its watch. */
async function watched(following: Promise<Disposable>, path: string): Promise<void> {
  using _ = await following;
  const isWatch = ({ path: end, query }: SeenRequest) => end.endsWith(path) && query.get("watch") === "true";
  await expect.poll(() => proxy.requests.some(isWatch), { timeout: 10_000 }).toBe(true);
}

const podOf = async ({ core, namespace, createPod }: Fixture, name: string) => {
  await createPod(name);
  const pod = await core.readNamespacedPod({ namespace, name });
  return { namespace, name, uid: pod.metadata?.uid ?? "" };
};

const token = { tokenId: "abcdef", tokenSecret: "0123456789abcdef", description: "test" };

/** One use of each call that the program can make; the compiler asks for those that are missing. */
const calls: Readonly<Record<Exclude<keyof KubeApi, "caBundle" | "clockOffset" | "server">, Call>> = {
  readServerVersion: (kube) => kube.readServerVersion(),
  listNodes: (kube) => kube.listNodes(),
  readNode: (kube, { nodeName }) => kube.readNode(nodeName),
  changeNode: async (kube, { nodeName }) => {
    const node = await kube.readNode(nodeName);
    if (node) await kube.changeNode(node, { unschedulable: true });
  },
  listPodsOnNode: (kube, { nodeName }) => kube.listPodsOnNode(nodeName),
  followPodsOnNode: (kube, { nodeName }) => watched(kube.followPodsOnNode(nodeName), "/pods"),
  listPods: (kube) => kube.listPods(),
  listPodsSelected: (kube, { namespace }) => kube.listPodsSelected(namespace, "app=web"),
  listNamespaces: (kube) => kube.listNamespaces(),
  // Only whoever declares the access asks: an administrator.
  readNamespace: (kube) => expect(kube.readNamespace("default")).rejects.toThrow("is forbidden"),
  readClusterRole: (kube) => kube.readClusterRole(accessName),
  readWorkload: async (kube, { namespace }) => {
    for (const kind of ["Deployment", "ReplicaSet", "StatefulSet"])
      await kube.readWorkload(namespace, { apiVersion: "apps/v1", kind, name: "none" });
  },
  restartRollout: async (kube, { apps, namespace }) => {
    const { metadata } = await createDeployment(apps, namespace);
    const seen = { uid: metadata?.uid ?? "", version: metadata?.resourceVersion ?? "" };
    await kube.restartRollout(namespace, "web", seen, "2030-01-01T00:00:00Z");
  },
  createJob: (kube) => {
    const cause = {
      hook: "backup",
      point: "beforeDrain",
      occasion: "leave",
      node: "w1",
      pool: "workers",
    } as const;
    const job = renderJob(hookManifest, "nodepools-backup-1", "default", {
      ...cause,
      timeoutSeconds: 60,
    });
    return kube.createJob("default", "nodepools-backup-1", job);
  },
  readJob: (kube) => kube.readJob("default", "nodepools-backup-1"),
  readDaemonSet: (kube, { namespace }) => kube.readDaemonSet(namespace, "none"),
  evictPod: async (kube, fixture) => {
    const answer = await kube.evictPod(await podOf(fixture, "evicted"), 1);
    expect(answer).toEqual({ kind: "evicted" });
  },
  deletePod: async (kube, fixture) => kube.deletePod(await podOf(fixture, "deleted"), 1),
  listBudgets: (kube) => kube.listBudgets(),
  followBudgets: (kube) => watched(kube.followBudgets(), "/poddisruptionbudgets"),
  listVolumeAttachments: (kube) => kube.listVolumeAttachments(),
  readVolumeClaim: (kube, { namespace }) => kube.readVolumeClaim(namespace, "none"),
  listVolumeClaims: (kube) => kube.listVolumeClaims(),
  listVolumes: (kube) => kube.listVolumes(),
  askService: async (kube, { namespace }) => {
    const failure = await kube.askService(namespace, "cart:http", "/healthz").catch(String);
    expect(failure).toContain("not found");
    expect(await kube.askService(namespace, "other", "/").catch(String)).toContain("forbidden");
  },
  readConfigMap: async (kube) => {
    await kube.readConfigMap("kube-public", "cluster-info");
    await kube.readConfigMap("kube-system", "kube-root-ca.crt");
    await kube.readConfigMap("kube-system", "kubelet-config");
  },
  createBootstrapToken: (kube) =>
    kube.createBootstrapToken({ ...token, expiration: new Date(Date.now() + 60_000).toISOString() }),
  listCertificateRequests: (kube) => kube.listCertificateRequests(),
  deleteBootstrapToken: (kube) => kube.deleteBootstrapToken(token.tokenId),
  deleteNode: async (kube, { nodeName }) => {
    const node = await kube.readNode(nodeName);
    await kube.deleteNode(nodeName, node?.metadata?.uid ?? "");
  },
};

/** What one request asks of the authorizer. */
interface Attributes {
  readonly namespace: string;
  readonly group: string;
  readonly resource: string;
  readonly verb: string;
  readonly name: string;
}

/** Reads the attributes out of a request, as the server's request info does; undefined for what is no resource. */
function attributesOf({ method, path, query }: SeenRequest): Attributes | undefined {
  const [root, ...parts] = path.split("/").slice(1);
  const [group = "", , ...rest] = root === "apis" ? parts : ["", ...parts];
  const isPlaced = rest[0] === "namespaces" && rest.length > 2;
  const [resource, name = "", subresource] = isPlaced ? rest.slice(2) : rest;
  if (resource === undefined) return undefined;
  const reading = name !== "" ? "get" : query.get("watch") === "true" ? "watch" : "list";
  const verbs: Readonly<Record<string, string>> = { GET: reading, POST: "create" };
  return {
    namespace: isPlaced ? (rest[1] ?? "") : "",
    group,
    resource: subresource === undefined ? resource : `${resource}/${subresource}`,
    verb: verbs[method] ?? method.toLowerCase(),
    name: reading === "get" ? name : "",
  };
}

/** Lists each right by itself, as `namespace/group/resource verb name`. */
function rights(namespace: string, rules: readonly AccessRule[]): string[] {
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [""] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        verbs.flatMap((verb) =>
          resourceNames.map((name) => `${namespace}/${group}/${resource} ${verb} ${name}`.trim()),
        ),
      ),
    ),
  );
}

/** Tells whether a request uses a right: in its namespace or in the whole cluster, by its name or for all names. */
function used({ namespace, group, resource, verb, name }: Attributes): string[] {
  return [namespace, ""].flatMap((place) =>
    [` ${name}`, ""].map((end) => `${place}/${group}/${resource} ${verb}${end}`.trim()),
  );
}

it("allows every call that the program can make, and grants nothing that no call uses", async () => {
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  const fixture = await createNodeFixture(api);
  for (const [name, call] of Object.entries(calls)) {
    await call(kube, fixture).catch((error: unknown) => expect.fail(`${name}: ${error}`));
  }
  await refreshAndKeep();

  const namespaced = namespaceRules("kube-system");
  const granted = new Set([
    ...rights("", clusterRules(allNeeds)),
    ...namespaced.flatMap(({ namespace, rules }) => rights(namespace, rules)),
  ]);
  const uses = new Set(proxy.requests.flatMap((seen) => [attributesOf(seen) ?? []].flat()).flatMap(used));
  expect([...granted].filter((right) => !uses.has(right))).toEqual([]);
}, 60_000);

/** Does what the kubernetes plugin does with the declared objects for a refresh, and for a changed inventory. */
async function refreshAndKeep(): Promise<void> {
  await plugin.configure({ kubeconfig: proxy.kubeconfig });
  const readEach = async (group: string, kind: string, name: string, namespace?: string) => {
    const id = namespace === undefined ? name : `${namespace}/${name}`;
    await plugin.calls(`kubernetes:${group}/v1:${kind}`, name).read({}, {}, id);
  };
  await readEach(rbacGroup, "ClusterRole", accessName);
  await readEach(rbacGroup, "ClusterRoleBinding", accessName);
  for (const { namespace, name } of namespaceRules("kube-system")) {
    await readEach(rbacGroup, "Role", name, namespace);
    await readEach(rbacGroup, "RoleBinding", name, namespace);
  }
  for (const kind of ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"])
    await readEach("admissionregistration.k8s.io", kind, accessName);
  for (const kind of ["ClusterRole", "ClusterRoleBinding"]) await readEach(rbacGroup, kind, previewName);
  for (const kind of ["Role", "RoleBinding"]) await readEach(rbacGroup, kind, previewName, "kube-system");
  for (const account of [accessName, previewName])
    await readEach("core", "ServiceAccount", account, "kube-system");
  await readEach("core", "ConfigMap", inventoryName, "kube-system");
  const inventory = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: inventoryName, namespace: "kube-system" },
    data: { "inventory.yaml": "one" },
  };
  await createAsAdmin(inventory);
  const changed = { ...inventory, data: { "inventory.yaml": "two" } };
  const state = { ...inventory, __fieldManager: "test" };
  await plugin.calls("kubernetes:core/v1:ConfigMap", inventoryName).update(state, changed);
}

async function createAsAdmin(inventory: Parameters<ReturnType<KubernetesPlugin["calls"]>["create"]>[0]) {
  const admin = await startKubernetesPlugin();
  await admin.configure({ kubeconfig: api.kubeconfigText });
  const annotations = { "pulumi.com/patchFieldManager": "test" };
  const metadata = { name: inventoryName, namespace: "kube-system", annotations };
  await admin.calls("kubernetes:core/v1:ConfigMap", inventoryName).create({ ...inventory, metadata });
  await admin.stop();
}

it("drains a node with a budget, a volume claim and a pod of a DaemonSet", async () => {
  const fixture = await createNodeFixture(api);
  await fixture.createDaemonSet("logs");
  await fixture.createPod("logs-1", { owner: { kind: "DaemonSet", name: "logs", apiVersion: "apps/v1" } });
  await fixture.createPod("web-1", {
    volumes: [{ name: "data", persistentVolumeClaim: { claimName: "none" } }],
  });
  await fixture.createBudget("web", { minAvailable: 0 }, { disruptionsAllowed: 1 });
  await using _ = fixture.kubelet();
  expect((await drain(proxy.kubeconfig, fixture.nodeName)).failure).toBeUndefined();
  expect(await fixture.podNames()).toEqual(["logs-1"]);
});

it("reads no other ConfigMap, writes no other inventory and gives itself no rights", async () => {
  const kube = connectKube({ kubeconfig: proxy.kubeconfig });
  await expect(kube.readConfigMap("kube-system", "other")).rejects.toThrow("is forbidden");
  await plugin.configure({ kubeconfig: proxy.kubeconfig });
  const metadata = { name: "other", namespace: "kube-system" };
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata };
  await expect(plugin.calls("kubernetes:core/v1:ConfigMap", "other").update({}, map)).rejects.toThrow(
    "is forbidden",
  );
  const role = { apiVersion: `${rbacGroup}/v1`, kind: "ClusterRole", metadata: { name: accessName } };
  await expect(
    plugin.calls(`kubernetes:${rbacGroup}/v1:ClusterRole`, accessName).update({}, role),
  ).rejects.toThrow("is forbidden");
});

it("H1 looks at all that a preview looks at with the identity for previews, and can do nothing else", async () => {
  const user = `system:serviceaccount:kube-system:${previewName}`;
  const namespaced = [{ namespace: "kube-system", rules: previewNamespaceRules() }];
  const rules = previewRules(allNeeds);
  await grant(api, "preview", user, rules, namespaced);
  await using looking = await startFaultProxy(api, user);
  const kube = connectKube({ kubeconfig: looking.kubeconfig });
  await kube.listNodes();
  await kube.listPods();
  await kube.listBudgets();
  await kube.listVolumes();
  await kube.listNamespaces();
  await kube.readDaemonSet("default", "none");
  await kube.readConfigMap("kube-system", "kube-root-ca.crt");
  const verbs = new Set([...rules, ...previewNamespaceRules()].flatMap((rule) => rule.verbs));
  expect([...verbs].filter((verb) => !["get", "list", "watch"].includes(verb))).toEqual([]);
});
