// The loop of a drain: look, ask for what may go now, wait for news.
import { durations } from "../model/durations.ts";
import { stampStart } from "./begin-drain.ts";
import { startFinalDeletions } from "./delete-pods.ts";
import { assertHope, timeIsOver } from "./drain-limits.ts";
import { progressReporter } from "./drain-progress.ts";
import { type DrainRun, type FollowedLists, isOver, type TrackedPod } from "./drain-run.ts";
import { startEvictions } from "./evict-pods.ts";
import { followNode } from "./follow-node.ts";
import { judgePods } from "./look-at-node.ts";
import type { NodeWatch } from "./watch-node.ts";

const lookEveryMs = durations.drain.look * 1000;
// A scheduler that has not yet heard of the cordon may still bind a pod.
const settleMs = 2000;

/** Looks at the node at every news and once a second, until nothing is left that must go, or the Node is gone. */
export async function removePods(run: DrainRun, watch: NodeWatch): Promise<void> {
  using lists = await followNode(run);
  const report = progressReporter(run);
  for (;;) {
    const tracked = await look(run, lists);
    const isSettled = run.clock.now() >= run.cordonedAt + settleMs || isOver(run);
    const isQuiet = tracked?.length === 0 && run.asked.size === 0 && isSettled;
    if (isQuiet && (await isEmpty(run))) return;
    assertTime(run, tracked);
    if (tracked?.length) await advance(run, tracked, lists, report);
    if (!(await watch.look())) return;
    await run.wakeup.sleep(run.clock, lookEveryMs);
  }
}

function assertTime(run: DrainRun, tracked: readonly TrackedPod[] | undefined): void {
  if (run.requestFailure !== undefined) throw run.requestFailure;
  if (isOver(run)) throw timeIsOver(run, tracked);
}

async function look(run: DrainRun, { pods }: FollowedLists): Promise<TrackedPod[] | undefined> {
  run.fault = pods.fault();
  return run.fault === undefined ? judgePods(run, () => pods.items()) : undefined;
}

async function advance(
  run: DrainRun,
  tracked: readonly TrackedPod[],
  { budgets }: FollowedLists,
  report: (tracked: readonly TrackedPod[]) => void,
): Promise<void> {
  assertHope(run, tracked);
  if (!run.isStamped) {
    await stampStart(run.api, run.node, run.startedAt);
    run.isStamped = true;
  }
  startFinalDeletions(run, tracked);
  startEvictions(run, tracked, budgets.items());
  report(tracked);
}

/** Asks the server itself: what a watch has not told yet must not be lost with the node. */
async function isEmpty(run: DrainRun): Promise<boolean> {
  const tracked = await judgePods(run, () => run.api.listPodsOnNode(run.nodeName));
  return tracked?.length === 0;
}
