// What the drain of one node rests on and never changes.
import type { KubeApi } from "../kube/api.ts";
import type { Clock, News } from "../model/clock.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import type { BudgetGate } from "./budget-gate.ts";

/** The calls that a drain makes. */
export type DrainApi = Pick<
  KubeApi,
  | "clockOffset"
  | "readNode"
  | "changeNode"
  | "listNodes"
  | "followPodsOnNode"
  | "listPodsOnNode"
  | "listNamespaces"
  | "listPodsSelected"
  | "readWorkload"
  | "restartRollout"
  | "readDaemonSet"
  | "evictPod"
  | "deletePod"
  | "followBudgets"
  | "listVolumeAttachments"
  | "readVolumeClaim"
>;

/** One drain of one node. Times are in seconds since 1970 on the cluster's clock. */
export interface DrainContext {
  readonly api: DrainApi;
  readonly nodeName: string;
  readonly policy: DrainPolicy;
  readonly clock: Clock;
  /** Shares the budgets out among all drains of the run. */
  readonly gate: BudgetGate;
  /** Wakes the drain. */
  readonly news: News;
  /** Hears how far the drain is. */
  readonly onProgress: (text: string) => void;
  /** Earlier than this process when a drain that was broken off goes on. */
  readonly startedAt: number;
  /** Whether an earlier run began this drain. */
  readonly isResumed: boolean;
  /** Latest possible time of the cordon: pods bound until then may still be on their way. */
  readonly cordonedAt: number;
  /** Whether a failure lifts the cordon: declared so, and the cordon is ours. */
  readonly restores: boolean;
}

/** Returns the cluster's clock: Nodes, pods and later runs on other machines go by that one. */
export function clusterClock(api: Pick<KubeApi, "clockOffset">, clock: Clock): Clock {
  return { now: () => clock.now() + api.clockOffset(), sleep: clock.sleep };
}

/** Returns when the policy's time is over, in seconds since 1970. */
export function deadlineOf({ startedAt, policy }: DrainContext): number {
  return startedAt + policy.timeoutSeconds;
}

/** Returns the time since the drain began, in whole seconds. */
export function secondsSince({ clock, startedAt }: DrainContext): number {
  return Math.round(clock.now() - startedAt);
}

/** Tells whether the policy's time is over. */
export function isOver(context: DrainContext): boolean {
  return context.clock.now() >= deadlineOf(context);
}
