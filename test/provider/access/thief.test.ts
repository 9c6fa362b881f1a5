// Who has stolen a token of the declared ServiceAccount, on a real API server with RBAC and the policy.
import {
  AppsV1Api,
  BatchV1Api,
  CoreV1Api,
  type KubeConfig,
  RbacAuthorizationV1Api,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
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
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "none" }] } };
  const create = (place: string, name: string, labels: Record<string, string>) => {
    const body = { metadata: { name, labels }, spec: { template } };
    return statusOf(batch.createNamespacedJob({ namespace: place, body }));
  };
  const ours = { "nodepools.local/hook": "backup" };
  expect(await create("default", "nodepools-backup-2", ours)).toBe(200);
  expect(await create("kube-system", "nodepools-backup-2", ours)).toBe(403);
  expect(await create("default", "nodepools-backup-3", {})).toBe(403);
  expect(await create("default", "other", ours)).toBe(403);
});

it("H1 gives itself no rights", async () => {
  const anything = { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] };
  const patched = rbac.patchClusterRole({ name: "identity", body: anything }, mergePatch);
  expect(await statusOf(patched)).toBe(403);
  const body = { metadata: { name: "more" }, ...anything };
  expect(await statusOf(rbac.createClusterRole({ body }))).toBe(403);
});
