// Who has stolen a token of the declared ServiceAccount, on a real API server with RBAC and the policy.
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  RbacAuthorizationV1Api,
  type V1JobSpec,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { hookManifest } from "../../support/lab-identity.ts";
import { configOf, createDeployment, type IdentitySite, mergePatch, startIdentitySite } from "./identity.ts";

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
let site: IdentitySite;
let stolen: KubeConfig;
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
  site = await startIdentitySite();
  stolen = configOf({ kubeconfigText: site.proxy.kubeconfig });
  thief = stolen.makeApiClient(CoreV1Api);
  rbac = stolen.makeApiClient(RbacAuthorizationV1Api);
  const admin = configOf(site.api).makeApiClient(CoreV1Api);
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

afterAll(() => site[Symbol.asyncDispose]());

it("H1 makes no token of another ServiceAccount, and no Secret beside those with which a node joins", async () => {
  const name = "bootstrap-token-abcdef";
  const account = { "kubernetes.io/service-account.name": "clusterrole-aggregation-controller" };
  expect(await create("x-escalate", "kubernetes.io/service-account-token", {}, account)).toBe(403);
  expect(await create(name, "Opaque", joinToken)).toBe(403);
  expect(await create(name, tokenType, withoutEnd)).toBe(403);
  const signing = { ...joinToken, "usage-bootstrap-signing": encode("true") };
  expect(await create(name, tokenType, signing)).toBe(403);
  const masters = { ...joinToken, "auth-extra-groups": encode("system:bootstrappers:kubeadm:masters") };
  expect(await create(name, tokenType, masters)).toBe(403);
  const asText = { metadata: { name }, type: tokenType, data: joinToken };
  const stringData = { "usage-bootstrap-signing": "true" };
  expect(await statusOf(thief.createNamespacedSecret({ namespace, body: { ...asText, stringData } }))).toBe(
    403,
  );
  expect(await statusOf(thief.createNamespacedSecret({ namespace: "default", body: asText }))).toBe(403);
  const request = { namespace, name: "default", body: { spec: { audiences: [] } } };
  expect(await statusOf(thief.createNamespacedServiceAccountToken(request))).toBe(403);
  expect(await create(name, tokenType, joinToken)).toBe(200);
  expect(await remove(name)).toBe(200);
});

it("H1 reads and deletes no Secret of others", async () => {
  expect(await statusOf(thief.listNamespacedSecret({ namespace }))).toBe(403);
  expect(await statusOf(thief.readNamespacedSecret({ namespace, name: "others" }))).toBe(403);
  expect(await remove("others")).toBe(403);
  expect(await statusOf(thief.deleteCollectionNamespacedSecret({ namespace }))).toBe(403);
});

it("H1 touches no Node of the control plane, makes none, and has no Node collected as garbage", async () => {
  expect(await patchNode("control", { metadata: { labels: { "example.com/x": "1" } } })).toBe(403);
  expect(await statusOf(thief.deleteNode({ name: "control" }))).toBe(403);
  const role = { "node-role.kubernetes.io/control-plane": "" };
  expect(await patchNode("worker", { metadata: { labels: role } })).toBe(403);
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name: "none", uid: "none" }];
  expect(await patchNode("worker", { metadata: { ownerReferences } })).toBe(403);
  expect(await patchNode("worker", { metadata: { finalizers: ["example.com/kept"] } })).toBe(403);
  // A cluster autoscaler deletes the machine that a Node says it is.
  expect(await patchNode("worker", { spec: { providerID: "cloud://control" } })).toBe(403);
  expect(await patchNode("worker", { spec: { podCIDR: "10.9.0.0/24", podCIDRs: ["10.9.0.0/24"] } })).toBe(
    403,
  );
  const status = { name: "worker", body: { status: { addresses: [] } } };
  expect(await statusOf(thief.patchNodeStatus(status, mergePatch))).toBe(403);
  expect(await statusOf(thief.createNode({ body: { metadata: { name: "made" } } }))).toBe(403);
  expect(await statusOf(thief.deleteCollectionNode())).toBe(403);
  expect(await patchNode("worker", { spec: { unschedulable: true, taints: [] } })).toBe(200);
  expect(await patchNode("worker", { metadata: { labels: { "example.com/x": "1" } } })).toBe(200);
});

it("H1 restarts Deployments, and changes nothing else of them", async () => {
  const apps = stolen.makeApiClient(AppsV1Api);
  await createDeployment(configOf(site.api).makeApiClient(AppsV1Api), "default");
  const patch = (body: object) =>
    statusOf(apps.patchNamespacedDeployment({ namespace: "default", name: "web", body }, mergePatch));
  const templated = (metadata: object) => patch({ spec: { template: { metadata } } });
  const restartedAt = "kubectl.kubernetes.io/restartedAt";
  expect(await templated({ annotations: { [restartedAt]: "1" } })).toBe(200);
  expect(await templated({ annotations: { [restartedAt]: "2" } })).toBe(200);
  expect(await templated({ annotations: { [restartedAt]: "3", other: "x" } })).toBe(403);
  expect(await templated({ annotations: { [restartedAt]: null } })).toBe(403);
  expect(await templated({ labels: { more: "x" } })).toBe(403);
  expect(await patch({ spec: { template: { spec: { hostNetwork: true } } } })).toBe(403);
  expect(await patch({ spec: { replicas: 0 } })).toBe(403);
  expect(await patch({ spec: { paused: true } })).toBe(403);
  expect(await patch({ metadata: { labels: { more: "x" } } })).toBe(403);
});

it("H1 creates Jobs of hooks where these name them, and nowhere else", async () => {
  const batch = stolen.makeApiClient(BatchV1Api);
  const create = (place: string, name: string, labels: Record<string, string>) => {
    const body = { metadata: { name, labels }, spec: hookSpec() };
    return statusOf(batch.createNamespacedJob({ namespace: place, body }));
  };
  const ours = { "nodepools.local/hook": "backup" };
  expect(await create("default", "nodepools-backup-2", ours)).toBe(200);
  expect(await create("kube-system", "nodepools-backup-2", ours)).toBe(403);
  expect(await create("default", "nodepools-backup-3", {})).toBe(403);
  expect(await create("default", "other", ours)).toBe(403);
});

const hookSpec = (pod: object = {}, container: object = {}) => {
  const { serviceAccountName, containers, volumes } = hookManifest.spec.template.spec;
  const [main] = containers;
  const own = { restartPolicy: "Never", serviceAccountName, volumes };
  return { template: { spec: { ...own, containers: [{ ...main, ...container }], ...pod } } } as V1JobSpec;
};

let made = 0;
const createHook = (spec: V1JobSpec) => {
  const metadata = { name: `nodepools-backup-x${made++}`, labels: { "nodepools.local/hook": "backup" } };
  const batch = stolen.makeApiClient(BatchV1Api);
  return statusOf(batch.createNamespacedJob({ namespace: "default", body: { metadata, spec } }));
};

it.each<[string, object, object]>([
  [
    "another image and command",
    {},
    { image: "other", command: ["sh"], resources: { limits: { cpu: "1000m" } } },
  ],
  [
    "less",
    { volumes: [] },
    { envFrom: [], securityContext: { runAsNonRoot: true, capabilities: { drop: ["ALL"] } } },
  ],
  [
    "an emptyDir, a place to run, and another grace",
    {
      volumes: [{ name: "tmp", emptyDir: {} }],
      nodeSelector: { a: "b" },
      tolerations: [{ operator: "Exists" }],
      terminationGracePeriodSeconds: 5,
    },
    {},
  ],
  ["its Secret in another form", { volumes: [{ name: "key", secret: { secretName: "backup-key" } }] }, {}],
])("H1 runs a hook's Job with %s", async (_what, pod, container) => {
  expect(await createHook(hookSpec(pod, container))).toBe(200);
});

const [main] = hookManifest.spec.template.spec.containers;
const volume = (source: object) => ({ volumes: [{ name: "v", ...source }] });

it.each<[string, object, object]>([
  ["as another ServiceAccount", { serviceAccountName: "powerful" }, {}],
  ["as the namespace's own ServiceAccount", { serviceAccountName: undefined }, {}],
  [
    "as another ServiceAccount by the old name",
    { serviceAccountName: undefined, serviceAccount: "powerful" },
    {},
  ],
  ["with another Secret as a volume", volume({ secret: { secretName: "others" } }), {}],
  [
    "with another Secret beside others",
    volume({ projected: { sources: [{ secret: { name: "others" } }] } }),
    {},
  ],
  ["with another Secret as variables", {}, { envFrom: [{ secretRef: { name: "others" } }] }],
  [
    "with another Secret as a variable",
    {},
    {
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "others", key: "a" } } }],
    },
  ],
  [
    "with another Secret in a first container",
    {
      initContainers: [{ ...main, name: "first", envFrom: [{ secretRef: { name: "others" } }] }],
    },
    {},
  ],
  ["with another Secret to pull images", { imagePullSecrets: [{ name: "others" }] }, {}],
  ["with others' data", volume({ persistentVolumeClaim: { claimName: "others" } }), {}],
  ["with a folder of the node", volume({ hostPath: { path: "/" } }), {}],
  ["with a volume of another kind", volume({ nfs: { server: "10.0.0.1", path: "/" } }), {}],
  ["in the node's network", { hostNetwork: true }, {}],
  ["among the node's processes", { hostPID: true }, {}],
  ["with the node's semaphores", { hostIPC: true }, {}],
  ["on a port of the node", {}, { ports: [{ containerPort: 80, hostPort: 80 }] }],
  ["as root of the node", {}, { securityContext: { privileged: true } }],
  [
    "as root of the node in a first container",
    {
      initContainers: [{ ...main, name: "first", securityContext: { privileged: true } }],
    },
    {},
  ],
  ["with a capability", {}, { securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }],
  ["with another SELinux type", {}, { securityContext: { seLinuxOptions: { type: "spc_t" } } }],
  ["with another SELinux type of the pod", { securityContext: { seLinuxOptions: { type: "spc_t" } } }, {}],
  ["with kernel settings", { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } }, {}],
  ["on a node past the scheduler", { nodeName: "control" }, {}],
  ["before all other pods", { priorityClassName: "system-node-critical" }, {}],
])("H1 runs no Job %s", async (_what, pod, container) => {
  expect(await createHook(hookSpec(pod, container))).toBe(403);
});

it("H1 gives itself no rights", async () => {
  const anything = { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] };
  const patched = rbac.patchClusterRole({ name: "identity", body: anything }, mergePatch);
  expect(await statusOf(patched)).toBe(403);
  const body = { metadata: { name: "more" }, ...anything };
  expect(await statusOf(rbac.createClusterRole({ body }))).toBe(403);
});
