// Asks for the evictions whose turn has come, a bounded number at a time, and notes each answer.
import type { Budget, EvictionAnswer, Pod } from "../kube/api.ts";
import type { Turn } from "./budget-gate.ts";
import { budgetKey, budgetsOfPod } from "./budgets.ts";
import { type DrainRun, isUnreachable, type TrackedPod, triesOf } from "./drain-run.ts";
import { podIdentity, podKey } from "./pod-filters.ts";
import { retryDelayMs } from "./retry-delay.ts";
import { currentGroup } from "./turns.ts";

/** Requests of one drain under way at once. */
export const parallelRequests = 20;
// Nobody counts the seconds on a node that does not answer; Cluster API asks for the same.
const unreachableGraceSeconds = 1;
// The turns of pods under one budget follow each other in milliseconds: only longer waits are worth telling.
const noticeableMs = 1000;

/** Starts every eviction that may start now; their answers wake the drain. */
export function startEvictions(
  run: DrainRun,
  tracked: readonly TrackedPod[],
  budgets: readonly Budget[],
): void {
  const now = run.clock.now();
  const group = new Set(currentGroup(tracked));
  for (const entry of tracked)
    if (!group.has(entry)) entry.tries.heldBy = "comes after pods of a lower order";
  const due = [...group]
    .filter(({ verdict, tries }) => verdict.action === "evict" && !tries.hopeless && tries.nextAt <= now)
    .sort((a, b) => (podKey(a.pod) < podKey(b.pod) ? -1 : 1));
  for (const { pod } of due) {
    if (run.asked.size >= parallelRequests) return;
    const { uid } = podIdentity(pod);
    if (run.asked.has(uid)) continue;
    const turn = run.gate.ask(pod, budgets, now);
    if (typeof turn === "string") hold(run, uid, turn);
    else {
      delete triesOf(run, uid).heldBy;
      start(run, uid, () => evict(run, pod, turn, budgets));
    }
  }
}

/** Starts one request about a pod; its end wakes the drain, its failure ends it. */
export function start(run: DrainRun, uid: string, ask: () => Promise<void>): void {
  run.asked.add(uid);
  ask()
    .catch((error: unknown) => {
      run.requestFailure ??= error;
    })
    .finally(() => {
      run.asked.delete(uid);
      run.wakeup.notify();
    });
}

function hold(run: DrainRun, uid: string, reason: string): void {
  const tries = triesOf(run, uid);
  tries.heldBy = reason;
  tries.heldSince ??= run.clock.now();
  if (run.clock.now() - tries.heldSince >= noticeableMs) run.waited.add(uid);
}

async function evict(run: DrainRun, pod: Pod, turn: Turn, budgets: readonly Budget[]): Promise<void> {
  const grace = isUnreachable(run) ? unreachableGraceSeconds : run.policy.gracePeriodSeconds;
  const identity = podIdentity(pod);
  let answer: EvictionAnswer | undefined;
  try {
    answer = await run.api.evictPod(identity, grace);
  } finally {
    turn.done(answer?.kind === "evicted" || answer?.kind === "blocked" ? answer.kind : "other");
  }
  note(run, pod, answer, budgets);
}

function note(run: DrainRun, pod: Pod, answer: EvictionAnswer, budgets: readonly Budget[]): void {
  const { uid } = podIdentity(pod);
  const tries = triesOf(run, uid);
  tries.lastAnswer = answer;
  tries.failures = answer.kind === "transient" ? tries.failures + 1 : 0;
  tries.nextAt = run.clock.now() + retryDelayMs(answer, tries.failures, Math.random());
  if (answer.kind === "evicted") {
    run.evicted.add(uid);
    run.recreations.evict(pod);
    delete tries.heldSince;
  } else tries.heldSince ??= run.clock.now();
  if (answer.kind === "blocked") run.waited.add(uid);
  const hopeless = explainHopeless(pod, answer, budgets);
  if (hopeless) tries.hopeless = hopeless;
}

function explainHopeless(pod: Pod, answer: EvictionAnswer, budgets: readonly Budget[]): string | undefined {
  if (answer.kind === "refused") return `the eviction is refused: ${answer.text}`;
  if (answer.kind !== "ambiguous") return undefined;
  const names = budgetsOfPod(pod, budgets).map(budgetKey).sort().join(", ");
  return `several budgets select the pod (${names}), so that the server never evicts it`;
}
