// The declared rights against the program's calls on a real API server with RBAC: no call is refused, no right is idle.
import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  RbacAuthorizationV1Api,
  setHeaderOptions,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { policySpec } from "../../../components/access/policy.ts";
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
import { type KubernetesPlugin, startKubernetesPlugin } from "../../stand-ins/engine.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { createNodeFixture } from "../../support/cluster-fixture.ts";
import { type FaultProxy, type SeenRequest, startFaultProxy } from "../../support/fault-proxy.ts";
import { allNeeds } from "../../support/lab-identity.ts";
import { drain } from "../drain/harness.ts";

let api: ApiServer;
let plugin: KubernetesPlugin;
let proxy: FaultProxy;

beforeAll(async () => {
  [api, plugin] = await Promise.all([startApiServer(), startKubernetesPlugin()]);
  await grant("identity", identity, clusterRules(allNeeds), namespaceRules("kube-system"));
  await declarePolicy();
  proxy = await startFaultProxy(api, identity);
});

afterAll(async () => {
  await plugin.stop();
  await proxy[Symbol.asyncDispose]();
  await api.stop();
});

const rbacGroup = "rbac.authorization.k8s.io";
const identity = `system:serviceaccount:kube-system:${accessName}`;
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

function adminConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(api.kubeconfigText);
  return config;
}

async function declarePolicy(): Promise<void> {
  const admission = adminConfig().makeApiClient(AdmissionregistrationV1Api);
  const metadata = { name: accessName };
  const spec = policySpec({ namespace: "kube-system", name: accessName });
  await admission.createValidatingAdmissionPolicy({ body: { metadata, spec } });
  await admission.createValidatingAdmissionPolicyBinding({
    body: { metadata, spec: { policyName: accessName, validationActions: ["Deny"] } },
  });
}

/** Gives a user what the declared ServiceAccount gets; the objects bear another name than the declared ones. */
async function grant(
  name: string,
  user: string,
  rules: AccessRule[],
  namespaced: readonly { readonly namespace: string; readonly rules: AccessRule[] }[],
): Promise<void> {
  const rbac = adminConfig().makeApiClient(RbacAuthorizationV1Api);
  const metadata = { name };
  const subjects = [{ kind: "User", name: user, apiGroup: rbacGroup }];
  const roleRef = (kind: string, name: string) => ({ apiGroup: rbacGroup, kind, name });
  await rbac.createClusterRole({ body: { metadata, rules } });
  await rbac.createClusterRoleBinding({
    body: { metadata, subjects, roleRef: roleRef("ClusterRole", name) },
  });
  for (const [at, { namespace, rules }] of namespaced.entries()) {
    const role = { name: `${name}-${at}` };
    await rbac.createNamespacedRole({ namespace, body: { metadata: role, rules } });
    const body = { metadata: role, subjects, roleRef: roleRef("Role", role.name) };
    await rbac.createNamespacedRoleBinding({ namespace, body });
  }
}

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
const calls: Readonly<Record<Exclude<keyof KubeApi, "caBundle" | "clockOffset">, Call>> = {
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
  readWorkload: async (kube, { namespace }) => {
    for (const kind of ["Deployment", "ReplicaSet", "StatefulSet"])
      await kube.readWorkload(namespace, { apiVersion: "apps/v1", kind, name: "none" });
  },
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

describe("H1 a thief of its token", () => {
  const encode = (text: string) => Buffer.from(text).toString("base64");
  const joinToken = {
    "token-id": encode("abcdef"),
    "token-secret": encode("0123456789abcdef"),
    expiration: encode("2099-01-01T00:00:00Z"),
    description: encode("joins w1"),
    "usage-bootstrap-authentication": encode("true"),
    "auth-extra-groups": encode("system:bootstrappers:kubeadm:default-node-token"),
  };
  const { expiration: _, ...withoutEnd } = joinToken;
  const tokenType = "bootstrap.kubernetes.io/token";
  const namespace = "kube-system";
  let admin: CoreV1Api;
  let thief: CoreV1Api;
  let rbac: RbacAuthorizationV1Api;

  const statusOf = (call: Promise<unknown>) =>
    call.then(
      () => 200,
      (error: { code?: number }) => error.code,
    );
  const create = (name: string, type: string, data: Record<string, string>, annotations = {}) =>
    statusOf(
      thief.createNamespacedSecret({ namespace, body: { metadata: { name, annotations }, type, data } }),
    );
  const remove = (name: string) => statusOf(thief.deleteNamespacedSecret({ namespace, name }));
  const patchNode = (name: string, body: object) => statusOf(thief.patchNode({ name, body }, mergePatch));

  beforeAll(async () => {
    const config = new KubeConfig();
    config.loadFromString(proxy.kubeconfig);
    thief = config.makeApiClient(CoreV1Api);
    rbac = config.makeApiClient(RbacAuthorizationV1Api);
    admin = adminConfig().makeApiClient(CoreV1Api);
    const others = () =>
      admin.createNamespacedSecret({ namespace, body: { metadata: { name: "others" }, data: {} } });
    const control = { "node-role.kubernetes.io/control-plane": "" };
    await admin.createNode({ body: { metadata: { name: "control", labels: control } } });
    await admin.createNode({ body: { metadata: { name: "worker" } } });
    // A policy counts a moment after it was made.
    await vi.waitFor(
      async () => {
        await others().catch(() => undefined); // it is there
        expect(await remove("others")).toBe(403);
      },
      { timeout: 30_000, interval: 500 },
    );
  }, 60_000);

  it("makes no token of another ServiceAccount, and no Secret beside those with which a node joins", async () => {
    const account = { "kubernetes.io/service-account.name": "clusterrole-aggregation-controller" };
    expect(await create("x-escalate", "kubernetes.io/service-account-token", {}, account)).toBe(403);
    expect(await create("bootstrap-token-abcdef", "Opaque", joinToken)).toBe(403);
    expect(await create("bootstrap-token-abcdef", tokenType, withoutEnd)).toBe(403);
    const signing = { ...joinToken, "usage-bootstrap-signing": encode("true") };
    expect(await create("bootstrap-token-abcdef", tokenType, signing)).toBe(403);
    const masters = { ...joinToken, "auth-extra-groups": encode("system:bootstrappers:kubeadm:masters") };
    expect(await create("bootstrap-token-abcdef", tokenType, masters)).toBe(403);
    expect(await create("bootstrap-token-abcdef", tokenType, joinToken)).toBe(200);
    expect(await remove("bootstrap-token-abcdef")).toBe(200);
  });

  it("reads and deletes no Secret of others", async () => {
    expect(await statusOf(thief.listNamespacedSecret({ namespace }))).toBe(403);
    expect(await statusOf(thief.readNamespacedSecret({ namespace, name: "others" }))).toBe(403);
    expect(await remove("others")).toBe(403);
  });

  it("touches no Node of the control plane, makes none, and has no Node collected as garbage", async () => {
    expect(await patchNode("control", { metadata: { labels: { "example.com/x": "1" } } })).toBe(403);
    expect(await statusOf(thief.deleteNode({ name: "control" }))).toBe(403);
    const role = { "node-role.kubernetes.io/control-plane": "" };
    expect(await patchNode("worker", { metadata: { labels: role } })).toBe(403);
    const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "none", uid: "none" }];
    expect(await patchNode("worker", { metadata: { ownerReferences } })).toBe(403);
    expect(await patchNode("worker", { metadata: { labels: { "example.com/x": "1" } } })).toBe(200);
  });

  it("gives itself no rights", async () => {
    const anything = { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] };
    const patched = rbac.patchClusterRole({ name: "identity", body: anything }, mergePatch);
    expect(await statusOf(patched)).toBe(403);
    const body = { metadata: { name: "more" }, ...anything };
    expect(await statusOf(rbac.createClusterRole({ body }))).toBe(403);
  });
});

it("H1 looks at all that a preview looks at with the identity for previews, and can do nothing else", async () => {
  const user = `system:serviceaccount:kube-system:${previewName}`;
  const namespaced = [{ namespace: "kube-system", rules: previewNamespaceRules() }];
  const rules = previewRules(allNeeds);
  await grant("preview", user, rules, namespaced);
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
