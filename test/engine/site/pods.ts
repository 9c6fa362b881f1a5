// Pods on the Nodes of one test file, the budgets over them, and the kubelets that end them.
import {
  PatchStrategy,
  PolicyV1Api,
  setHeaderOptions,
  type V1PodDisruptionBudgetSpec,
  type V1PodDisruptionBudgetStatus,
} from "@kubernetes/client-node";
import { adminConfig } from "../../support/admin-config.ts";
import { budgetMaker, createPod, type PodWish, playKubelet } from "../../support/cluster-fixture.ts";
import type { Site } from "./site.ts";

const namespace = "default";
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

/** What a test does with pods. */
export interface Pods extends AsyncDisposable {
  /** Creates a running pod of ReplicaSet "web" on a Node. */
  create(node: string, name: string, wish?: PodWish): Promise<void>;
  /** Takes a pod's finalizers away. */
  release(name: string): Promise<void>;
  /** Names those that nobody has asked to go, sorted. */
  staying(): Promise<string[]>;
  /** Sets a budget over all pods, in the state in which the disruption controller would have it. */
  setBudget(
    name: string,
    spec: V1PodDisruptionBudgetSpec,
    status: Partial<V1PodDisruptionBudgetStatus>,
  ): Promise<void>;
  deleteBudget(name: string): Promise<void>;
}

/** Starts the kubelets: from now on pods end when they are asked to. */
export function startPods({ core, api }: Site): Pods {
  const admin = adminConfig(api.kubeconfigText);
  const policy = admin.makeApiClient(PolicyV1Api);
  const kubelet = playKubelet(core, namespace);
  return {
    create: async (node, name, wish) => void (await createPod(core, namespace, node, name, wish ?? {})),
    release: async (name) => {
      const body = { metadata: { finalizers: null } };
      await core.patchNamespacedPod({ namespace, name, body }, mergePatch);
    },
    staying: async () => {
      const { items } = await core.listNamespacedPod({ namespace });
      const staying = items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
      return staying.map(({ metadata }) => metadata?.name ?? "").sort();
    },
    setBudget: budgetMaker(policy, namespace),
    deleteBudget: async (name) =>
      void (await policy.deleteNamespacedPodDisruptionBudget({ namespace, name })),
    [Symbol.asyncDispose]: async () => {
      await kubelet[Symbol.asyncDispose]();
      await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 });
      await policy.deleteCollectionNamespacedPodDisruptionBudget({ namespace });
    },
  };
}
