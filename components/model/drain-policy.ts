// How the nodes of a pool are drained, in kubectl's words. Pure.
import { replacementSecondsDefault } from "./defaults.ts";
import type { Hooks } from "./hooks.ts";

/**
 * What a rule does with the pods it selects: evict them, restart their Deployment so that new ones start before they end,
 * leave them alone, or wait until they end by themselves.
 */
export const drainActions = ["drain", "restart", "skip", "waitCompleted"] as const;

/** Names what a rule does with the pods it selects. */
export type DrainAction = (typeof drainActions)[number];

/** Lists what may become of the label by which a pod asks to be skipped or waited for. */
export const podLabelModes = ["honour", "ignore"] as const;

/** Names what becomes of that label. */
export type PodLabels = (typeof podLabelModes)[number];

/**
 * Treats some pods differently from the rest, as Cluster API's MachineDrainRule does. If several rules
 * match a pod, the first in name order wins; a label `nodepools.local/drain` on the pod wins over all of them.
 */
export interface DrainRule {
  /** Unique within the policy; its alphabetical place decides between rules. */
  readonly name: string;
  /** Label selector of the pods, as `kubectl --selector` takes it; absent selects all. */
  readonly pods?: string;
  /** Label selector of their namespaces; absent selects all. */
  readonly namespaces?: string;
  readonly action: DrainAction;
  /** Pods of a lower order are gone before the next are evicted or restarted; only with these actions. Absent means 0. */
  readonly order?: number;
}

/** Declares how a node is drained before it leaves, is reset or is rebooted. Absent fields have kubectl's meaning of "off". */
export interface DrainPolicy {
  /** Limits one node's drain from its start to the last pod gone, in seconds. */
  readonly timeoutSeconds: number;
  /** Overrides each pod's termination grace period, in seconds; absent means the pod's own. */
  readonly gracePeriodSeconds?: number;
  /** Allows evicting pods with emptyDir volumes, whose data is lost. */
  readonly deleteEmptyDirData: boolean;
  /** Allows evicting pods that no controller will create again. */
  readonly force: boolean;
  /** Drains only the pods that this label selector selects; absent means all. */
  readonly podSelector?: string;
  /** Leaves pods behind whose deletion time passed more than so many seconds ago; absent waits for them. */
  readonly skipWaitForDeleteTimeoutSeconds?: number;
  /** Limits the wait for volumes after the last pod is gone, in seconds; absent means what is left of timeoutSeconds. */
  readonly volumeDetachTimeoutSeconds?: number;
  /**
   * Waits, once pods and volumes are gone, until the pods' owners have as many Ready pods as before: true for so long as
   * the default says, a number for so many seconds; absent or false does not.
   */
  readonly waitForReplacements?: boolean | number;
  /**
   * What happens to pods that are still there at the end: absent or `fail` keeps them and fails; `deletePods` deletes each
   * in time for its own grace period to end with timeoutSeconds, past its budgets and past a label that asks to wait.
   */
  readonly onTimeout?: "fail" | "deletePods";
  /** Whether a failed drain leaves the node cordoned (absent), or lifts the cordon that this program set. */
  readonly onFailure?: "leaveCordoned" | "restore";
  /** Evicts the pods of DaemonSets too, after all others; a taint keeps the DaemonSets from creating them again. */
  readonly evictDaemonSetPods?: boolean;
  /** Whether the label `nodepools.local/drain` of a pod counts, which whoever may label the pod sets. Absent honours it. */
  readonly podLabels?: PodLabels;
  /**
   * Whether the annotations by which pods ask autoscalers to leave them count: `honour` waits until such a pod has
   * completed, is gone or asks no more. Absent ignores them.
   */
  readonly podAnnotations?: PodLabels;
  /** Exceptions for some pods. */
  readonly rules?: readonly DrainRule[];
}

/** Returns how long a drain waits for the replacements of its pods, in seconds; undefined when it does not. */
export function replacementSeconds({ waitForReplacements = false }: DrainPolicy): number | undefined {
  if (waitForReplacements === false) return undefined;
  return waitForReplacements === true ? replacementSecondsDefault : waitForReplacements;
}

/** Tells whether some rule restarts Deployments. */
export function restartsRollouts({ rules = [] }: DrainPolicy): boolean {
  return rules.some(({ action }) => action === "restart");
}

/** Declares how the nodes of one pool leave. */
export interface LeavingPolicy {
  readonly drain: DrainPolicy;
  /** How many of them may drain at once. */
  readonly maxUnavailable: number;
  /** What the stack does of its own on the way; absent where nothing is declared. */
  readonly hooks?: Hooks;
}
