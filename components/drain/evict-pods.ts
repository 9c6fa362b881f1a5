// Evicts the pods whose turn has come, a bounded number at a time, and notes each answer.
import type { EvictionAnswer, Pod } from "../kube/api.ts";
import { budgetKey, budgetsOfPod } from "./budgets.ts";
import { type DrainRun, type TrackedPod, triesOf } from "./drain-run.ts";
import { podIdentity, podKey } from "./pod-filters.ts";
import { retryDelayMs } from "./retry-delay.ts";

const parallelEvictions = 20;
// Nobody counts the seconds on a node that does not answer; Cluster API asks for the same.
const unreachableGraceSeconds = 1;

/** Tries every pod that may be evicted and whose pause is over. Throws what no answer describes, such as AccessError. */
export async function evictDuePods(run: DrainRun, tracked: readonly TrackedPod[]): Promise<void> {
  const now = run.clock.now();
  const due = tracked
    .filter(({ verdict, tries }) => verdict.action === "evict" && !tries.hopeless && tries.nextAt <= now)
    .map(({ pod }) => pod)
    .sort((a, b) => (podKey(a) < podKey(b) ? -1 : 1));
  await forEachBounded(due, parallelEvictions, (pod) => evict(run, pod));
}

async function evict(run: DrainRun, pod: Pod): Promise<void> {
  run.signal?.throwIfAborted();
  const grace = run.nodeUnreachable ? unreachableGraceSeconds : run.policy.gracePeriodSeconds;
  const identity = podIdentity(pod);
  const answer = await run.api.evictPod(identity, grace);
  const tries = triesOf(run, identity.uid);
  tries.lastAnswer = answer;
  tries.failures = answer.kind === "transient" ? tries.failures + 1 : 0;
  tries.nextAt = run.clock.now() + retryDelayMs(answer, tries.failures, Math.random());
  if (answer.kind === "evicted") run.evicted.add(identity.uid);
  const hopeless = await explainHopeless(run, pod, answer);
  if (hopeless) tries.hopeless = hopeless;
}

async function explainHopeless(run: DrainRun, pod: Pod, answer: EvictionAnswer): Promise<string | undefined> {
  if (answer.kind === "refused") return `the eviction is refused: ${answer.text}`;
  if (answer.kind !== "ambiguous") return undefined;
  const budgets = budgetsOfPod(pod, await run.api.listBudgets());
  const names = budgets.map(budgetKey).sort().join(", ");
  return `several budgets select the pod (${names}), so that the server never evicts it`;
}

async function forEachBounded<T>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await act(item);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}
