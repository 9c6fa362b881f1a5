// Whose turn it is in the declared order of a drain. Pure.
import type { TrackedPod } from "./drain-run.ts";
import { compareRanks } from "./treatment.ts";

/**
 * Returns the pods whose turn it is in the declared order: those of the lowest rank that is still there.
 * Source of the rule: Cluster API's MachineDrainRule order.
 */
export function currentGroup(tracked: readonly TrackedPod[]): TrackedPod[] {
  const [first] = tracked.toSorted((one, other) => compareRanks(one.verdict.rank, other.verdict.rank));
  if (first === undefined) return [];
  return tracked.filter(({ verdict }) => compareRanks(verdict.rank, first.verdict.rank) === 0);
}
