// Workloads that live: the cluster's own controllers keep them, and the test's hand takes the places of scheduler and kubelet.

import { setTimeout as sleep } from "node:timers/promises";
import {
  AppsV1Api,
  BatchV1Api,
  type CoreV1Api,
  PatchStrategy,
  PolicyV1Api,
  setHeaderOptions,
  type V1Pod,
} from "@kubernetes/client-node";
import { adminConfig } from "../../support/admin-config.ts";
import { startControllers } from "../../support/kube-processes.ts";
import type { Site } from "./site.ts";

const namespace = "default";
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** What a test does with workloads. */
export interface Workloads extends AsyncDisposable {
  /** Where the pods of an app start from now on, as soon as they are created; nowhere for apps that were not named. */
  readonly places: Map<string, string>;
  /** Creates a Deployment of one container and waits until its pods are Ready. */
  deploy(app: string, replicas: number, node: string): Promise<void>;
  /** Sets a budget over the pods of an app, which the cluster counts. */
  setBudget(app: string, minAvailable: number): Promise<void>;
  /** Lists the Ready pods of an app and their Nodes, such as `w1`, sorted. */
  readyOn(app: string): Promise<string[]>;
  /** Lists the Jobs by the name of their hook. */
  jobs(): Promise<string[]>;
}

/** Starts the controllers; what was made goes with the end. */
export async function startWorkloads({ api, core }: Site): Promise<Workloads> {
  const admin = adminConfig(api.kubeconfigText);
  const [apps, batch, policy] = [
    admin.makeApiClient(AppsV1Api),
    admin.makeApiClient(BatchV1Api),
    admin.makeApiClient(PolicyV1Api),
  ];
  const controllers = await startControllers(api, ["deployment", "replicaset", "disruption", "job"]);
  const places = new Map<string, string>();
  const stopped = new AbortController();
  const starting = startPods(core, places, stopped.signal);
  const readyOn = async (app: string) => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: `app=${app}` });
    return items
      .filter(isReady)
      .flatMap(({ spec }) => spec?.nodeName ?? [])
      .sort();
  };
  return {
    places,
    readyOn,
    deploy: async (app, replicas, node) => {
      places.set(app, node);
      const labels = { app };
      const spec = { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: "none" }] };
      const template = { metadata: { labels }, spec };
      const body = {
        metadata: { name: app },
        spec: { replicas, selector: { matchLabels: labels }, template },
      };
      await apps.createNamespacedDeployment({ namespace, body });
      while ((await readyOn(app)).length < replicas) await sleep(100);
    },
    setBudget: async (app, minAvailable) => {
      const spec = { minAvailable, selector: { matchLabels: { app } } };
      await policy.createNamespacedPodDisruptionBudget({
        namespace,
        body: { metadata: { name: app }, spec },
      });
    },
    jobs: async () => {
      const { items } = await batch.listNamespacedJob({ namespace });
      return items.map(({ metadata }) => metadata?.labels?.["nodepools.local/hook"] ?? "").sort();
    },
    [Symbol.asyncDispose]: async () => {
      stopped.abort();
      await starting;
      await controllers.stop();
      await apps.deleteCollectionNamespacedDeployment({ namespace });
      await apps.deleteCollectionNamespacedReplicaSet({ namespace });
      await batch.deleteCollectionNamespacedJob({ namespace });
      const { items } = await core.listNamespacedPod({ namespace });
      for (const { metadata } of items) await forgetPod(core, metadata?.name ?? "");
    },
  };
}

/** Nobody else takes the finalizer of a Job's pod away once its controller has stopped. */
async function forgetPod(core: CoreV1Api, name: string): Promise<void> {
  await core.patchNamespacedPod({ namespace, name, body: { metadata: { finalizers: null } } }, mergePatch);
  await core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }).catch(() => undefined);
}

function isReady({ metadata, status }: V1Pod): boolean {
  const isSo = status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True");
  return isSo === true && metadata?.deletionTimestamp === undefined;
}

/** Pods of apps start where the test has them; those of Jobs anywhere, and they succeed at once. */
async function startPods(
  core: CoreV1Api,
  places: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { items } = await core.listNamespacedPod({ namespace });
    for (const pod of items.filter(({ spec }) => spec?.nodeName === undefined)) {
      const { labels = {} } = pod.metadata ?? {};
      const isWork = labels["batch.kubernetes.io/job-name"] !== undefined;
      const node = isWork ? "w1" : places.get(labels.app ?? "");
      // A rollout may have ended it meanwhile.
      if (node !== undefined) await startPod(core, pod, node, isWork).catch(() => undefined);
    }
    await sleep(200);
  }
}

async function startPod(core: CoreV1Api, pod: V1Pod, node: string, isWork: boolean): Promise<void> {
  const name = pod.metadata?.name ?? "";
  const target = { apiVersion: "v1", kind: "Node", name: node };
  await core.createNamespacedPodBinding({ namespace, name, body: { metadata: { name }, target } });
  const terminated = { exitCode: 0, message: `snapshot of ${name.slice(0, 9)} kept` };
  const container = { name: "main", image: "none", imageID: "", ready: !isWork, restartCount: 0 };
  const containerStatuses = [{ ...container, ...(isWork && { state: { terminated } }) }];
  const condition = { type: "Ready", status: isWork ? "False" : "True", lastTransitionTime: new Date() };
  const phase = isWork ? "Succeeded" : "Running";
  const status = { phase, conditions: [condition], containerStatuses };
  await core.patchNamespacedPodStatus({ namespace, name, body: { status } }, mergePatch);
}
