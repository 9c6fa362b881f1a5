// Deletes, where the policy wants it, the pods that would otherwise not end before the drain's limit.
// Model: Karpenter's terminationGracePeriod (pods are deleted at deadline minus grace, never with grace 0).
import type { Pod } from "../kube/api.ts";
import { KubeError } from "../kube/kube-error.ts";
import { durations } from "../model/durations.ts";
import { deadlineOf } from "./context.ts";
import type { Drain } from "./phase.ts";
import { deletionDue, isTerminating, podIdentity } from "./pod-filters.ts";
import { currentGroup } from "./pod-rules.ts";
import type { LedgerEntry } from "./pod-state.ts";

/** Starts every deletion past budgets that is due; the order of the drain does not hold it back. */
export function startFinalDeletions(drain: Drain): void {
  const { context, ledger, requests } = drain;
  if (context.policy.onTimeout !== "deletePods") return;
  const now = context.clock.now();
  const remaining = ledger.remaining;
  const group = new Set(currentGroup(remaining).map(({ uid }) => uid));
  for (const entry of remaining) {
    if (!requests.hasRoom) return;
    if (!mayBeDeleted(entry, group.has(entry.uid), now)) continue;
    const plan = planFinalDeletion(entry.pod, deadlineOf(context), now, context.policy.gracePeriodSeconds);
    if (plan === undefined || plan.dueAt > now) continue;
    ledger.ask(entry.uid);
    requests.start(() => deleteForGood(drain, entry, plan.graceSeconds));
  }
}

/**
 * Leaves out what is refused, what has to complete because the declaration says so, and what would only be created again;
 * a pod whose turn it is has been asked for in the ordinary way first.
 */
function mayBeDeleted({ pod, verdict, state }: LedgerEntry, isItsTurn: boolean, now: number): boolean {
  if (state.kind === "asked" || (state.kind === "deleting" && state.retryAt > now)) return false;
  if (isTerminating(pod)) return true;
  if (verdict.action === "wait") return verdict.lossesIfDeleted !== undefined;
  // A restart that is under way has the time that the pod's grace leaves it.
  if (verdict.action === "restart") return !isItsTurn || state.kind !== "waiting";
  if (verdict.action !== "evict" || (state.kind === "hopeless" && state.isLoop)) return false;
  return !isItsTurn || state.kind !== "waiting";
}

async function deleteForGood(
  { context, ledger }: Drain,
  { uid, pod }: LedgerEntry,
  grace: number,
): Promise<void> {
  // Until the followed list tells the new deletion time, or the server answers again.
  const retryAt = () => context.clock.now() + durations.drain.look;
  try {
    const answer = await context.api.deletePod(podIdentity(pod), grace);
    ledger.delete(uid, answer === "deleted", retryAt(), context.clock.now());
  } catch (error) {
    // A webhook may refuse one pod: the others go on, and the drain's limit ends it.
    if (!(error instanceof KubeError)) throw error;
    ledger.failDeletion(uid, `its deletion past its budgets fails: ${error.failure.text}`, retryAt());
  }
}

/** When a pod has to be deleted, and with what grace if that is done now. */
export interface FinalDeletion {
  /** Seconds since 1970. */
  readonly dueAt: number;
  /** At least 1. */
  readonly graceSeconds: number;
}

/**
 * Plans the deletion of one pod; undefined for a pod that terminates in time by itself.
 * @param deadline,now seconds since 1970
 * @param declaredGrace the policy's gracePeriodSeconds
 */
export function planFinalDeletion(
  pod: Pod,
  deadline: number,
  now: number,
  declaredGrace: number | undefined,
): FinalDeletion | undefined {
  const end = deadline - durations.drain.deletionLeeway;
  const rest = Math.max(1, Math.floor(end - now));
  if (isTerminating(pod))
    return (deletionDue(pod) ?? 0) <= deadline ? undefined : { dueAt: now, graceSeconds: rest };
  const grace = declaredGrace ?? pod.spec?.terminationGracePeriodSeconds ?? durations.drain.defaultGrace;
  return { dueAt: end - grace, graceSeconds: Math.max(1, Math.min(grace, rest)) };
}
