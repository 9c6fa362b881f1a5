// What a drain does with one pod. Pure. Order of the questions: kubectl pkg/drain/filters.go makeFilters.
import type { Pod } from "../kube/api.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { drainTaint } from "../model/node-marks.ts";
import {
  hasController,
  hasEmptyDir,
  isDaemonSetPod,
  isDeletionOverdue,
  isFinished,
  isMirrorPod,
  isTerminating,
  tolerates,
} from "./pod-filters.ts";
import { isLeftOut, type PodRule, type Rank, ruleOf } from "./pod-rules.ts";
import { type PodRollout, whyNoRollout } from "./rollouts.ts";

/** What a drain does with a pod, and when. */
export type PodVerdict = PodAction & {
  /** Place in the order of the drain. */
  readonly rank: Rank;
};

type PodAction =
  /** Evict it; `losses` names what is lost by that. */
  | { readonly action: "evict"; readonly losses: readonly string[] }
  /** Restart its Deployment, whose rollout ends it; `losses` names what is lost by that. */
  | { readonly action: "restart"; readonly losses: readonly string[] }
  /** Leave it alone; `reason` is told, except of pods that no drain touches. */
  | { readonly action: "ignore"; readonly reason?: string }
  /**
   * Only wait until it has done what `awaited` says. With `lossesIfDeleted` it waits because its label asks for that, and is
   * deleted at the drain's limit all the same; they name what is lost then.
   */
  | { readonly action: "wait"; readonly awaited: string; readonly lossesIfDeleted?: readonly string[] }
  /** Refuse to drain the node; each cause names the option that allows it. */
  | { readonly action: "refuse"; readonly refusals: readonly string[] };

/** What a verdict depends on besides the pod. */
export interface PodCircumstances {
  readonly policy: DrainPolicy;
  /** Whether the DaemonSet of a DaemonSet's pod exists; undefined when unknown, and for other pods. */
  readonly daemonSetExists: boolean | undefined;
  /** Labels of the pod's namespace, on which rules may select. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** True when the kubelet does not report (Ready is Unknown), so that nobody ends the node's pods. */
  readonly nodeUnreachable: boolean;
  /** The Deployment of a pod whose rule says restart: undefined when there is none, `unknown` when that is not known. */
  readonly rollout?: PodRollout | "unknown" | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Decides about one pod: the first of the four questions that has an answer decides. */
export function classifyPod(pod: Pod, circumstances: PodCircumstances): PodVerdict {
  const rule = ruleOf(pod, circumstances.policy, circumstances.namespaceLabels);
  const action =
    leaveAlone(pod, circumstances) ??
    waitOrSkip(pod, rule, circumstances) ??
    restartOrRefuse(pod, rule, circumstances) ??
    evictOrRefuse(pod, circumstances);
  return { ...action, rank: rule.rank };
}

/**
 * Leaves alone, in this order:
 * - what podSelector does not select
 * - what should be gone already, on an unreachable node (as Cluster API does) or for longer than the policy waits
 * - pods of existing DaemonSets, unless they are drained too and would not be created again; finished ones are evicted
 * - mirror pods.
 */
function leaveAlone(
  pod: Pod,
  { policy, daemonSetExists, nodeUnreachable, now }: PodCircumstances,
): PodAction | undefined {
  if (isLeftOut(pod, policy)) return ignoring("pods that drain.podSelector does not select stay");
  if (nodeUnreachable && isDeletionOverdue(pod, now, 0))
    return ignoring("pods left behind on a node that does not answer");
  const patience = policy.skipWaitForDeleteTimeoutSeconds;
  if (patience !== undefined && isDeletionOverdue(pod, now, patience))
    return ignoring(`pods left behind, terminating for more than ${patience} s`);
  const isKept = !policy.evictDaemonSetPods || tolerates(pod, drainTaint);
  if (isDaemonSetPod(pod) && !isFinished(pod) && daemonSetExists && isKept)
    return ignoring("pods of DaemonSets stay");
  return isMirrorPod(pod) ? { action: "ignore" } : undefined;
}

function ignoring(reason: string): PodAction {
  return { action: "ignore", reason };
}

/**
 * Skips, or waits for pods that end or complete by themselves; terminating pods are never evicted. Where pods are deleted
 * in the end, so is one that waits by its label, as one that a budget holds is: both are its owner's wish. What the
 * declaration's rule has completed, or what may not be evicted anyway, is not.
 */
function waitOrSkip(
  pod: Pod,
  { action, saidBy, isByLabel }: PodRule,
  circumstances: PodCircumstances,
): PodAction | undefined {
  if (action === "skip") return ignoring(`pods skipped by ${saidBy}`);
  if (isTerminating(pod)) return { action: "wait", awaited: "terminating, but not gone" };
  if (action === "drain" || action === "restart") return undefined;
  // A completed pod may stay for ever as an object (cluster-api#12920).
  if (isFinished(pod)) return { action: "ignore" };
  const awaited = `has to complete by itself (${saidBy})`;
  const isCut = isByLabel && circumstances.policy.onTimeout === "deletePods";
  const deletion = isCut ? evictOrRefuse(pod, circumstances) : undefined;
  return {
    ...{ action: "wait", awaited },
    ...(deletion?.action === "evict" && { lossesIfDeleted: deletion.losses }),
  };
}

/** Restarts only what a rollout replaces first, where the policy allows what is lost by that. Finished pods are evicted. */
function restartOrRefuse(
  pod: Pod,
  { action, saidBy }: PodRule,
  circumstances: PodCircumstances,
): PodAction | undefined {
  if (action !== "restart" || isFinished(pod)) return undefined;
  const { rollout } = circumstances;
  const why = rollout === "unknown" ? undefined : whyNoRollout(pod, rollout);
  if (why !== undefined) {
    const remedy = "leave them out of its selector, or declare action drain for them";
    return { action: "refuse", refusals: [`${why} (${saidBy} has action restart: ${remedy})`] };
  }
  const ending = evictOrRefuse(pod, circumstances, "ended");
  return ending.action === "evict" ? { action: "restart", losses: ending.losses } : ending;
}

/** Evicts finished pods whatever they hold; others where the policy allows what is lost, else refuses. */
function evictOrRefuse(pod: Pod, { policy, daemonSetExists }: PodCircumstances, done = "evicted"): PodAction {
  const losses: string[] = [];
  const refusals: string[] = [];
  if (isFinished(pod)) return { action: "evict", losses };
  const judge = (concerned: boolean, allowed: boolean, what: string, option: string) => {
    if (concerned && allowed) losses.push(`${done} ${what}`);
    else if (concerned) refusals.push(`${what} (${option} allows it)`);
  };
  const ofDaemonSet = isDaemonSetPod(pod);
  if (ofDaemonSet && daemonSetExists === undefined) refusals.push("pods whose DaemonSet could not be read");
  judge(
    ofDaemonSet && daemonSetExists === false,
    policy.force,
    "pods whose DaemonSet is gone",
    "drain.force",
  );
  judge(hasEmptyDir(pod), policy.deleteEmptyDirData, "pods with emptyDir data", "drain.deleteEmptyDirData");
  judge(!hasController(pod), policy.force, "pods without a controller", "drain.force");
  return refusals.length > 0 ? { action: "refuse", refusals } : { action: "evict", losses };
}
