// What a drain remembers between its looks at the node: its limits, and the tries for each pod by uid.
import type { Budget, EvictionAnswer, Followed, KubeApi, Node, Pod } from "../kube/api.ts";
import { isUnreachable as isNodeUnreachable } from "../kube/node-ready.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { describeAnswer } from "./blocking-text.ts";
import type { BudgetGate } from "./budget-gate.ts";
import type { PodVerdict } from "./classify.ts";
import type { Clock } from "./clock.ts";
import { podKey } from "./pod-filters.ts";
import type { Recreations } from "./recreation.ts";
import type { PodRemark } from "./report.ts";
import type { Wakeup } from "./wakeup.ts";

/** The calls that a drain makes. */
export type DrainApi = Pick<
  KubeApi,
  | "readNode"
  | "changeNode"
  | "followPodsOnNode"
  | "listPodsOnNode"
  | "listNamespaces"
  | "readDaemonSet"
  | "evictPod"
  | "deletePod"
  | "followBudgets"
  | "listVolumeAttachments"
  | "readVolumeClaim"
>;

/** A pod as last seen on the node, and what came of the tries to evict it. */
export interface TrackedPod {
  readonly pod: Pod;
  readonly verdict: PodVerdict;
  readonly tries: Tries;
}

/** Counts the tries to evict one pod. */
export interface Tries {
  /** Milliseconds since 1970; not tried again before. */
  nextAt: number;
  /** Transient failures in a row. */
  failures: number;
  lastAnswer?: EvictionAnswer;
  /** Since when something holds the pod, in milliseconds since 1970. */
  heldSince?: number;
  /** What has its turn before the pod, in words: a budget, or pods of a lower order. */
  heldBy?: string;
  /** Why the pod could not be deleted past its budgets the last time. */
  deletionFault?: string;
  /** Set when trying again cannot help: why. */
  hopeless?: string;
  /** Set when the pod's controller puts it back onto the node each time. */
  isLoop?: true;
}

/** One drain of one node. */
export interface DrainRun {
  readonly api: DrainApi;
  readonly nodeName: string;
  readonly policy: DrainPolicy;
  readonly clock: Clock;
  readonly onProgress: (text: string) => void;
  readonly gate: BudgetGate;
  /** The Node as last read. */
  node: Node;
  /** Milliseconds since 1970; earlier than this process when a drain that was broken off goes on. */
  readonly startedAt: number;
  /** Since when, at the latest, the Node is cordoned, in milliseconds since 1970. */
  readonly cordonedAt: number;
  /** Whether the Node carries the start. */
  isStamped: boolean;
  /** Whether a failure lifts the cordon: declared so, and the cordon is ours. */
  readonly restores: boolean;
  readonly wakeup: Wakeup;
  readonly tries: Map<string, Tries>;
  /** All pods seen that must go, by uid: the last sight of each. */
  readonly seen: Map<string, Pod>;
  /** Pods that stay on the node, by uid. */
  readonly staying: Map<string, Pod>;
  readonly daemonSets: Map<string, boolean>;
  /** Labels of namespaces; filled when a rule asks for them. */
  readonly namespaces: Map<string, Readonly<Record<string, string>>>;
  readonly recreations: Recreations;
  /** Uids of pods with a request under way. */
  readonly asked: Set<string>;
  /** The first failure of a request that no answer describes; ends the drain. */
  requestFailure: unknown;
  /** Uids whose eviction the server has accepted. */
  readonly evicted: Set<string>;
  /** Uids that were deleted past their budgets. */
  readonly deleted: Set<string>;
  /** Uids that a budget held for a while. */
  readonly waited: Set<string>;
  readonly warnings: Map<string, PodRemark>;
  /** Why the pods are not known for certain now; undefined when they are. */
  fault: string | undefined;
}

/** The lists that a drain follows. */
export interface FollowedLists extends Disposable {
  readonly pods: Followed<Pod>;
  readonly budgets: Followed<Budget>;
}

/** Returns the tries for a pod, beginning with none. */
export function triesOf(run: DrainRun, uid: string): Tries {
  const known = run.tries.get(uid);
  if (known) return known;
  const fresh: Tries = { nextAt: 0, failures: 0 };
  run.tries.set(uid, fresh);
  return fresh;
}

/** Returns when the policy's time is over, in milliseconds since 1970. */
export function deadlineOf(run: DrainRun): number {
  return run.startedAt + run.policy.timeoutSeconds * 1000;
}

/** Returns the time since the drain began, in whole seconds. */
export function secondsSince(run: DrainRun): number {
  return Math.round((run.clock.now() - run.startedAt) / 1000);
}

/** Tells whether the policy's time is over. */
export function isOver(run: DrainRun): boolean {
  return run.clock.now() >= deadlineOf(run);
}

/** Tells whether the kubelet has stopped reporting for good; one that reports Ready=False still ends pods. */
export function isUnreachable({ node, clock }: Pick<DrainRun, "node" | "clock">): boolean {
  return isNodeUnreachable(node, clock.now() / 1000);
}

/** Says why a pod is still on the node. */
export function remarkOn({ pod, verdict, tries }: TrackedPod): PodRemark {
  const reason =
    tries.deletionFault ??
    tries.hopeless ??
    verdict.refusals[0] ??
    verdict.awaited ??
    tries.heldBy ??
    describeAnswer(pod.metadata?.namespace ?? "", tries.lastAnswer) ??
    "being evicted";
  return { reason, pod: podKey(pod) };
}
