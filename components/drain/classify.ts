// What a drain does with one pod. Pure. Order of the rules: kubectl pkg/drain/filters.go makeFilters.
import type { Pod } from "../kube/api.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import {
  hasController,
  hasEmptyDir,
  isDaemonSetPod,
  isDeletionOverdue,
  isFinished,
  isMirrorPod,
  isTerminating,
} from "./pod-filters.ts";

/** What a drain does with a pod, why it may not, and what is lost when it does. */
export interface PodVerdict {
  /** evict it; leave it alone; only wait until it is gone; refuse to drain the node. */
  readonly action: "evict" | "ignore" | "wait" | "refuse";
  /** Consequences to tell the user, all of them. */
  readonly warnings: readonly string[];
  /** Causes of a refusal, each with the option that allows it; empty otherwise. */
  readonly refusals: readonly string[];
}

/** What a verdict depends on besides the pod. */
export interface PodCircumstances {
  readonly policy: DrainPolicy;
  /** Whether the DaemonSet of a DaemonSet's pod exists; undefined when unknown, and for other pods. */
  readonly daemonSetExists: boolean | undefined;
  /** True when the kubelet does not report (Ready is Unknown), so that nobody ends the node's pods. */
  readonly nodeUnreachable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const ignored: PodVerdict = { action: "ignore", warnings: [], refusals: [] };
const awaited: PodVerdict = { action: "wait", warnings: [], refusals: [] };

/**
 * Decides about one pod:
 * - overdue on an unreachable node: left behind, as Cluster API does
 * - of an existing DaemonSet: ignored; finished ones are evicted
 * - mirror pod: ignored
 * - already terminating: waited for, never evicted again
 * - finished: evicted, whatever it holds
 * - orphan of a DaemonSet, emptyDir data, no controller: evicted where the policy allows it, else refused.
 */
export function classifyPod(pod: Pod, circumstances: PodCircumstances): PodVerdict {
  const { policy, daemonSetExists, nodeUnreachable, now } = circumstances;
  const overdue = nodeUnreachable && isDeletionOverdue(pod, now);
  if (overdue) return { ...ignored, warnings: ["pods left behind on a node that does not answer"] };
  const ofDaemonSet = isDaemonSetPod(pod) && !isFinished(pod);
  if (ofDaemonSet && daemonSetExists) return { ...ignored, warnings: ["pods of DaemonSets stay"] };
  if (isMirrorPod(pod)) return ignored;
  if (isTerminating(pod)) return awaited;
  if (isFinished(pod)) return { action: "evict", warnings: [], refusals: [] };
  return weigh(pod, policy, ofDaemonSet, daemonSetExists);
}

function weigh(
  pod: Pod,
  policy: DrainPolicy,
  ofDaemonSet: boolean,
  daemonSetExists: boolean | undefined,
): PodVerdict {
  const warnings: string[] = [];
  const refusals: string[] = [];
  const judge = (concerned: boolean, allowed: boolean, what: string, option: string) => {
    if (concerned && allowed) warnings.push(`evicting ${what}`);
    else if (concerned) refusals.push(`${what} (${option} allows it)`);
  };
  if (ofDaemonSet && daemonSetExists === undefined) refusals.push("pods whose DaemonSet could not be read");
  const orphan = ofDaemonSet && daemonSetExists === false;
  judge(orphan, policy.force, "pods whose DaemonSet is gone", "drain.force");
  judge(hasEmptyDir(pod), policy.deleteEmptyDirData, "pods with emptyDir data", "drain.deleteEmptyDirData");
  judge(!hasController(pod), policy.force, "pods without a controller", "drain.force");
  return { action: refusals.length > 0 ? "refuse" : "evict", warnings, refusals };
}
