// When a pod that budgets hold is deleted past them, so that its own grace ends with the drain's limit. Pure.
// Model: Karpenter's terminationGracePeriod (pods are deleted at deadline minus grace, never with grace 0).
import type { Pod } from "../kube/api.ts";
import { isTerminating } from "./pod-filters.ts";

// Kubernetes' default of spec.terminationGracePeriodSeconds.
const defaultGraceSeconds = 30;
// Until a pod whose grace is over has also left the API.
const leewayMs = 2000;

/** When a pod has to be deleted, and with what grace if that is done at `now`. */
export interface FinalDeletion {
  /** Milliseconds since 1970. */
  readonly dueAt: number;
  /** Seconds, at least 1. */
  readonly graceSeconds: number;
}

/**
 * Plans the deletion of one pod; undefined for a pod that terminates in time by itself.
 * @param deadline,now milliseconds since 1970
 * @param declaredGrace the policy's gracePeriodSeconds
 */
export function planFinalDeletion(
  pod: Pod,
  deadline: number,
  now: number,
  declaredGrace: number | undefined,
): FinalDeletion | undefined {
  const end = deadline - leewayMs;
  const rest = Math.max(1, Math.floor((end - now) / 1000));
  if (isTerminating(pod)) {
    const endsAt = new Date(pod.metadata?.deletionTimestamp ?? 0).getTime();
    return endsAt <= deadline ? undefined : { dueAt: now, graceSeconds: rest };
  }
  const grace = declaredGrace ?? pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds;
  return { dueAt: end - grace * 1000, graceSeconds: Math.max(1, Math.min(grace, rest)) };
}
