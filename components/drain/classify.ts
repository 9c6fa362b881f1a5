// What a drain does with one pod. Pure. Order of the questions: kubectl pkg/drain/filters.go makeFilters.
import type { Pod } from "../kube/api.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { leavingTaintKey } from "../model/owner.ts";
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
import { isLeftOut, type Rank, treatPod } from "./treatment.ts";

/** What a drain does with a pod, when, why it may not, and what is lost when it does. */
export interface PodVerdict {
  /** evict it; leave it alone; only wait until it is gone or has completed; refuse to drain the node. */
  readonly action: "evict" | "ignore" | "wait" | "refuse";
  /** Place in the order of the drain. */
  readonly rank: Rank;
  /** Consequences to tell the user, all of them. */
  readonly warnings: readonly string[];
  /** Causes of a refusal, each with the option that allows it; empty otherwise. */
  readonly refusals: readonly string[];
  /** What a pod that is waited for has to do; absent otherwise. */
  readonly awaited?: string;
}

/** What a verdict depends on besides the pod. */
export interface PodCircumstances {
  readonly policy: DrainPolicy;
  /** Whether the DaemonSet of a DaemonSet's pod exists; undefined when unknown, and for other pods. */
  readonly daemonSetExists: boolean | undefined;
  /** Labels of the pod's namespace, on which rules may select. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** True when the kubelet does not report (Ready is Unknown), so that nobody ends the node's pods. */
  readonly nodeUnreachable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Ruling = Omit<PodVerdict, "rank">;

const ignored: Ruling = { action: "ignore", warnings: [], refusals: [] };

/** Decides about one pod; the first line of `rule` that applies decides. */
export function classifyPod(pod: Pod, circumstances: PodCircumstances): PodVerdict {
  const treatment = treatPod(pod, circumstances.policy, circumstances.namespaceLabels);
  const ruling = leave(pod, circumstances) ?? treat(pod, treatment) ?? weigh(pod, circumstances);
  return { ...ruling, rank: treatment.rank };
}

/**
 * Leaves alone, in this order:
 * - what podSelector does not select
 * - what should be gone already, on an unreachable node (as Cluster API does) or for longer than the policy waits
 * - pods of existing DaemonSets, unless they are drained too and would not be created again; finished ones are evicted
 * - mirror pods.
 */
function leave(pod: Pod, { policy, daemonSetExists, nodeUnreachable, now }: PodCircumstances) {
  if (isLeftOut(pod, policy)) return ignoring("pods that drain.podSelector does not select stay");
  if (nodeUnreachable && isDeletionOverdue(pod, now, 0))
    return ignoring("pods left behind on a node that does not answer");
  const patience = policy.skipWaitForDeleteTimeoutSeconds;
  if (patience !== undefined && isDeletionOverdue(pod, now, patience))
    return ignoring(`pods left behind, terminating for more than ${patience} s`);
  const isKept = !policy.evictDaemonSetPods || tolerates(pod, { key: leavingTaintKey, effect: "NoSchedule" });
  if (isDaemonSetPod(pod) && !isFinished(pod) && daemonSetExists && isKept)
    return ignoring("pods of DaemonSets stay");
  return isMirrorPod(pod) ? ignored : undefined;
}

function ignoring(warning: string): Ruling {
  return { ...ignored, warnings: [warning] };
}

/** Skips, or waits for pods that end or complete by themselves; one that is terminating is never evicted again. */
function treat(pod: Pod, { action, saidBy }: ReturnType<typeof treatPod>): Ruling | undefined {
  if (action === "skip") return ignoring(`pods skipped by ${saidBy}`);
  if (isTerminating(pod))
    return { action: "wait", warnings: [], refusals: [], awaited: "terminating, but not gone" };
  if (action === "drain") return undefined;
  // A completed pod may stay for ever as an object (cluster-api#12920).
  if (isFinished(pod)) return ignored;
  return { action: "wait", warnings: [], refusals: [], awaited: `has to complete by itself (${saidBy})` };
}

/** Evicts finished pods whatever they hold; others where the policy allows what is lost, else refuses. */
function weigh(pod: Pod, { policy, daemonSetExists }: PodCircumstances): Ruling {
  const warnings: string[] = [];
  const refusals: string[] = [];
  if (isFinished(pod)) return { action: "evict", warnings, refusals };
  const judge = (concerned: boolean, allowed: boolean, what: string, option: string) => {
    if (concerned && allowed) warnings.push(`evicting ${what}`);
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
  return { action: refusals.length > 0 ? "refuse" : "evict", warnings, refusals };
}
