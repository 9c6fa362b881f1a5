// The calls of a KubeApi about pods and the budgets that protect them.
import {
  ApiException,
  AppsV1Api,
  type ConfigurationOptions,
  type CoreV1Api,
  type KubeConfig,
  PolicyV1Api,
} from "@kubernetes/client-node";
import type { Budget, EvictionAnswer, KubeApi, Pod, PodIdentity } from "./api.ts";
import { readRetryAfter } from "./attempt.ts";
import { classifyEvictionAnswer } from "./eviction-answer.ts";
import { follow } from "./follow.ts";
import { absentWhen, KubeError } from "./kube-error.ts";
import type { PageCall, Requester } from "./request.ts";
import { shareFollowed } from "./share.ts";

/** Returns the calls about pods. */
export function podCalls(
  requester: Requester,
  core: CoreV1Api,
  access: KubeConfig,
  watchSeconds: number,
): Pick<
  KubeApi,
  "listPodsOnNode" | "followPodsOnNode" | "listPods" | "readDaemonSet" | "evictPod" | "deletePod"
> {
  const apps = access.makeApiClient(AppsV1Api);
  const podsOf = (nodeName: string) => ({
    object: `the pods of Node "${nodeName}"`,
    type: "V1Pod",
    call: ((query, options) =>
      core.listPodForAllNamespaces(
        { ...query, fieldSelector: `spec.nodeName=${nodeName}` },
        options,
      )) satisfies PageCall<Pod>,
  });
  return {
    listPodsOnNode: (nodeName) => {
      const { object, call } = podsOf(nodeName);
      return requester.list(object, call);
    },
    followPodsOnNode: (nodeName) => follow(requester, podsOf(nodeName), watchSeconds),
    listPods: (keep) =>
      requester.list("Pods", (query, options) => core.listPodForAllNamespaces(query, options), keep),
    readDaemonSet: (namespace, name) =>
      requester.find({ verb: "reading", object: `DaemonSet "${namespace}/${name}"` }, (options) =>
        apps.readNamespacedDaemonSet({ namespace, name }, options),
      ),
    evictPod: (pod, gracePeriodSeconds) => evictPod(requester, core, pod, gracePeriodSeconds),
    deletePod: (pod, gracePeriodSeconds) => deletePod(requester, core, pod, gracePeriodSeconds),
  };
}

/** Returns the calls about pod disruption budgets; all who follow them share one watch. */
export function budgetCalls(
  requester: Requester,
  access: KubeConfig,
  watchSeconds: number,
): Pick<KubeApi, "listBudgets" | "followBudgets"> {
  const policy = access.makeApiClient(PolicyV1Api);
  const object = "PodDisruptionBudgets";
  const call: PageCall<Budget> = (query, options) =>
    policy.listPodDisruptionBudgetForAllNamespaces(query, options);
  return {
    listBudgets: () => requester.list(object, call),
    followBudgets: shareFollowed(() =>
      follow(requester, { object, type: "V1PodDisruptionBudget", call }, watchSeconds),
    ),
  };
}

async function evictPod(
  requester: Requester,
  core: CoreV1Api,
  { namespace, name, uid }: PodIdentity,
  gracePeriodSeconds: number | undefined,
): Promise<EvictionAnswer> {
  const grace = gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds };
  const body = { metadata: { namespace, name }, deleteOptions: { preconditions: { uid }, ...grace } };
  const label = { verb: "evicting", object: `Pod "${namespace}/${name}"` };
  const attempt = (options: ConfigurationOptions) =>
    core.createNamespacedPodEviction({ namespace, name, body }, options).then(evicted, answerOf);
  try {
    const answer = await requester.once(label, attempt);
    const isPassing = answer.kind === "refused" && requester.mayBeStarting();
    return isPassing ? { kind: "transient", text: answer.text } : answer;
  } catch (error) {
    // Credentials that end during a drain may be renewed: until its limit it goes on asking.
    if (error instanceof KubeError && (error.failure.transient || error.failure.status === 401))
      return { kind: "transient", text: error.failure.text };
    throw error;
  }
}

const evicted = (): EvictionAnswer => ({ kind: "evicted" });

function answerOf(error: unknown): EvictionAnswer {
  if (!(error instanceof ApiException) || error.code === 401) throw error;
  return classifyEvictionAnswer(error.code, error.body, readRetryAfter(error.headers));
}

function deletePod(
  requester: Requester,
  core: CoreV1Api,
  { namespace, name, uid }: PodIdentity,
  gracePeriodSeconds: number,
): Promise<"deleted" | "absent"> {
  const body = { preconditions: { uid }, gracePeriodSeconds };
  return requester
    .once({ verb: "deleting", object: `Pod "${namespace}/${name}"` }, (options) =>
      core.deleteNamespacedPod({ namespace, name, body }, options),
    )
    .then(() => "deleted" as const, absentWhen(404, 409));
}
