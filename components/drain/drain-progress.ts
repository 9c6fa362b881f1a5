// The progress line of a drain. Pure.
import { remarkOn, type TrackedPod } from "./drain-run.ts";

/** Describes how far a drain is, such as `evicted 7/12, waiting for shop/cart-1: <why>`; blocked pods are named first. */
export function describeProgress(seen: number, tracked: readonly TrackedPod[]): string {
  const head = `evicted ${seen - tracked.length}/${seen}`;
  const remarks = tracked
    .map((entry) => ({ ...remarkOn(entry), rank: entry.verdict.action === "wait" ? 1 : 0 }))
    .sort((a, b) => a.rank - b.rank || (a.pod < b.pod ? -1 : 1));
  const [first] = remarks;
  if (!first) return head;
  const others = remarks.length > 1 ? ` and ${remarks.length - 1} more` : "";
  return `${head}, waiting for ${first.pod}${others}: ${first.reason}`;
}
