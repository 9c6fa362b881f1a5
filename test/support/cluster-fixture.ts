// One node with pods and budgets in a namespace of its own, on a shared test API server; and a kubelet for it.
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  AppsV1Api,
  CoreV1Api,
  PatchStrategy,
  PolicyV1Api,
  RbacAuthorizationV1Api,
  StorageV1Api,
  setHeaderOptions,
  type V1OwnerReference,
  type V1Pod,
  type V1PodDisruptionBudgetSpec,
  type V1PodDisruptionBudgetStatus,
  type V1PodSpec,
} from "@kubernetes/client-node";
import { readMarks } from "../../components/model/node-marks.ts";
import { adminConfig } from "./admin-config.ts";
import type { ApiServer } from "./api-server.ts";

/** What a pod of a test differs in from a Ready pod of a ReplicaSet without volumes. */
export interface PodWish {
  readonly nodeName?: string;
  readonly owner?: Partial<V1OwnerReference> | "none";
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly finalizers?: string[];
  /** Running and Ready when absent. */
  readonly phase?: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly ready?: boolean;
  readonly volumes?: NonNullable<V1PodSpec["volumes"]>;
  /** Such as `system-cluster-critical`. */
  readonly priorityClassName?: string;
  readonly tolerations?: NonNullable<V1PodSpec["tolerations"]>;
  /** Termination grace period in seconds; 1 when absent. */
  readonly grace?: number;
}

/** What a kubelet, or the controller that misses it, says of its Node. */
export type NodeReady = "True" | "False" | "Unknown";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** The clients of the test's own hand, past the code under test. */
function adminClients(api: ApiServer) {
  const config = adminConfig(api.kubeconfigText);
  return {
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    policy: config.makeApiClient(PolicyV1Api),
    rbac: config.makeApiClient(RbacAuthorizationV1Api),
    storage: config.makeApiClient(StorageV1Api),
  };
}

/** Makes a node and a namespace on the server, with random names where none is given. */
export async function createNodeFixture(api: ApiServer, ready: NodeReady = "True", name?: string) {
  const clients = adminClients(api);
  const { core } = clients;
  const namespace = `t-${randomBytes(4).toString("hex")}`;
  const nodeName = name ?? `node-${namespace}`;
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  await core.createNode({ body: { metadata: { name: nodeName } } });
  const node = nodeHand(core, nodeName);
  await node.setReady(ready);
  return {
    ...clients,
    ...node,
    namespace,
    nodeName,
    /** Names a pod or budget of this namespace as reports do. */
    key: (name: string) => `${namespace}/${name}`,
    createPod: (name: string, wish: PodWish = {}) => createPod(core, namespace, nodeName, name, wish),
    createBudget: budgetMaker(clients.policy, namespace),
    createDaemonSet: (name: string) => createDaemonSet(clients.apps, namespace, name),
    podNames: async () => {
      const { items } = await core.listNamespacedPod({ namespace });
      return items.map((pod) => pod.metadata?.name ?? "").sort();
    },
    isTerminating: async (name: string) =>
      (await core.readNamespacedPod({ namespace, name })).metadata?.deletionTimestamp !== undefined,
    /** Lets a pod with finalizers go. */
    release: async (name: string) => {
      await core.patchNamespacedPod(
        { namespace, name, body: { metadata: { finalizers: null } } },
        mergePatch,
      );
    },
    /** Starts a kubelet for the pods of the namespace. */
    kubelet: () => playKubelet(core, namespace),
  };
}

/** What others than the code under test see and do at the Node. */
function nodeHand(core: CoreV1Api, name: string) {
  const read = () => core.readNode({ name });
  const change = (body: object) => core.patchNode({ name, body }, mergePatch);
  return {
    setReady: async (status: NodeReady) => {
      const conditions = [{ type: "Ready", status, reason: "Test", message: "" }];
      await core.patchNodeStatus({ name, body: { status: { conditions } } }, mergePatch);
    },
    setCordoned: (unschedulable: boolean) => change({ spec: { unschedulable } }),
    annotate: (annotations: Record<string, string>) => change({ metadata: { annotations } }),
    isCordoned: async () => (await read()).spec?.unschedulable === true,
    annotations: async () => (await read()).metadata?.annotations ?? {},
    marks: async () => readMarks(await read()),
    taintKeys: async () => (await read()).spec?.taints?.map(({ key }) => key) ?? [],
  };
}

/** Creates a pod that runs on a Node, as scheduler and kubelet would. */
export async function createPod(
  core: CoreV1Api,
  namespace: string,
  nodeName: string,
  name: string,
  wish: PodWish,
) {
  const created = await core.createNamespacedPod({ namespace, body: renderPod(name, wish, nodeName) });
  const phase = wish.phase ?? "Running";
  const ready = phase === "Running" && (wish.ready ?? true) ? "True" : "False";
  const status = { phase, conditions: [{ type: "Ready", status: ready }] };
  await core.patchNamespacedPodStatus({ namespace, name, body: { status } }, mergePatch);
  return created;
}

/** Plays the disruption controller, which a shared server without controllers lacks. */
export function budgetMaker(policy: PolicyV1Api, namespace: string) {
  return async (
    name: string,
    spec: V1PodDisruptionBudgetSpec,
    status: Partial<V1PodDisruptionBudgetStatus>,
  ) => {
    const body = { metadata: { name }, spec: { selector: {}, ...spec } };
    const created = await policy.createNamespacedPodDisruptionBudget({ namespace, body });
    const observedGeneration = created.metadata?.generation;
    const zero = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };
    await policy.patchNamespacedPodDisruptionBudgetStatus(
      { namespace, name, body: { status: { ...zero, ...status, observedGeneration } } },
      mergePatch,
    );
  };
}

async function createDaemonSet(apps: AppsV1Api, namespace: string, name: string) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "main", image: "none" }] } };
  const body = { metadata: { name }, spec: { selector: { matchLabels: labels }, template } };
  await apps.createNamespacedDaemonSet({ namespace, body });
}

function renderPod(name: string, wish: PodWish, nodeName: string): V1Pod {
  const controller: V1OwnerReference = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    name: "web",
    uid: "00000000-0000-0000-0000-000000000001",
    controller: true,
  };
  const ownerReferences =
    wish.owner === "none" ? {} : { ownerReferences: [{ ...controller, ...wish.owner }] };
  return {
    metadata: {
      name,
      labels: { app: "web", ...wish.labels },
      ...(wish.annotations && { annotations: wish.annotations }),
      ...(wish.finalizers && { finalizers: wish.finalizers }),
      ...ownerReferences,
    },
    spec: {
      nodeName: wish.nodeName ?? nodeName,
      containers: [{ name: "main", image: "none" }],
      terminationGracePeriodSeconds: wish.grace ?? 1,
      ...(wish.volumes && { volumes: wish.volumes }),
      ...(wish.priorityClassName && { priorityClassName: wish.priorityClassName }),
      ...(wish.tolerations && { tolerations: wish.tolerations }),
    },
  };
}

/** Ends terminating pods of a namespace as a kubelet does, until disposed; pods with finalizers stay. */
export function playKubelet(core: CoreV1Api, namespace: string): AsyncDisposable {
  const stopped = new AbortController();
  const work = async () => {
    while (!stopped.signal.aborted) {
      const { items } = await core.listNamespacedPod({ namespace });
      const ending = items.filter(
        (pod) => pod.metadata?.deletionTimestamp && !pod.metadata.finalizers?.length,
      );
      for (const pod of ending)
        await core
          .deleteNamespacedPod({ namespace, name: pod.metadata?.name ?? "", gracePeriodSeconds: 0 })
          .catch(() => undefined); // another deleter was faster
      await sleep(100);
    }
  };
  const done = work();
  return {
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await done;
    },
  };
}
