// The progress line of a drain.
import { type DrainRun, remarkOn, secondsSince, type TrackedPod } from "./drain-run.ts";

const everySeconds = 10;

/** Returns a reporter that speaks when something changed, and every ten seconds otherwise. */
export function progressReporter(run: DrainRun): (tracked: readonly TrackedPod[]) => void {
  let last = "";
  let lastAt = 0;
  return (tracked) => {
    const text = describeProgress(run.seen.size, tracked);
    const seconds = secondsSince(run);
    if (text === last && seconds - lastAt < everySeconds) return;
    last = text;
    lastAt = seconds;
    run.onProgress(`${text}${describeHold(run, tracked)}, ${seconds} s`);
  };
}

/** Describes how far a drain is, such as `evicted 7/12, waiting for shop/cart-1: <why>`; blocked pods are named first. */
export function describeProgress(seen: number, tracked: readonly TrackedPod[]): string {
  const head = `evicted ${seen - tracked.length}/${seen}`;
  const remarks = tracked
    .map((entry) => ({ ...remarkOn(entry), rank: entry.tries.heldSince === undefined ? 1 : 0 }))
    .sort((a, b) => a.rank - b.rank || (a.pod < b.pod ? -1 : 1));
  const [first] = remarks;
  if (!first) return head;
  const others = remarks.length > 1 ? ` and ${remarks.length - 1} more` : "";
  return `${head}, waiting for ${first.pod}${others}: ${first.reason}`;
}

/** Says for how long the pod that is held longest has been so; nothing when none is. */
function describeHold(run: DrainRun, tracked: readonly TrackedPod[]): string {
  const since = Math.min(...tracked.map(({ tries }) => tries.heldSince ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(since) ? ` for ${Math.round((run.clock.now() - since) / 1000)} s` : "";
}
