// Deletes, where the policy wants it, the pods that would otherwise not end before the drain's limit.
import type { Pod } from "../kube/api.ts";
import { KubeError } from "../kube/kube-error.ts";
import { type DrainRun, deadlineOf, type TrackedPod } from "./drain-run.ts";
import { parallelRequests, start } from "./evict-pods.ts";
import { planFinalDeletion } from "./final-deletion.ts";
import { isTerminating, podIdentity, podKey } from "./pod-filters.ts";
import { currentGroup } from "./turns.ts";

const retryMs = 1000;

/** Starts every deletion past budgets that is due; the order of the drain does not hold it back. */
export function startFinalDeletions(run: DrainRun, tracked: readonly TrackedPod[]): void {
  if (run.policy.onTimeout !== "deletePods") return;
  const now = run.clock.now();
  const group = new Set(currentGroup(tracked));
  for (const entry of tracked) {
    if (run.asked.size >= parallelRequests) return;
    const { uid } = podIdentity(entry.pod);
    if (!mayBeDeleted(entry, group.has(entry))) continue;
    const plan = planFinalDeletion(entry.pod, deadlineOf(run), now, run.policy.gracePeriodSeconds);
    if (plan === undefined || plan.dueAt > now || run.asked.has(uid)) continue;
    start(run, uid, () => deleteForGood(run, entry, plan.graceSeconds));
  }
}

/**
 * Leaves out what is refused, what has to complete by itself, and what would only be created again; a pod whose turn it
 * is has been asked for in the ordinary way first.
 */
function mayBeDeleted({ pod, verdict, tries }: TrackedPod, isItsTurn: boolean): boolean {
  if (isTerminating(pod)) return true;
  if (verdict.action !== "evict" || tries.isLoop) return false;
  return !isItsTurn || tries.lastAnswer !== undefined || tries.heldSince !== undefined;
}

async function deleteForGood(run: DrainRun, { pod, tries }: TrackedPod, graceSeconds: number): Promise<void> {
  try {
    if ((await run.api.deletePod(podIdentity(pod), graceSeconds)) === "deleted") noteDeletion(run, pod);
    delete tries.deletionFault;
  } catch (error) {
    // A webhook may refuse one pod: the others go on, and the drain's limit ends it.
    if (!(error instanceof KubeError)) throw error;
    tries.deletionFault = `its deletion past its budgets fails: ${error.failure.text}`;
  }
  // Until the followed list tells the new deletion time, or the server answers again.
  await run.clock.sleep(retryMs);
}

function noteDeletion(run: DrainRun, pod: Pod): void {
  const { uid } = podIdentity(pod);
  const reason = "deleted past their budgets (drain.onTimeout: deletePods)";
  run.deleted.add(uid);
  run.warnings.set(`${uid} deleted`, { reason, pod: podKey(pod) });
}
