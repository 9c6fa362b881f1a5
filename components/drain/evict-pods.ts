// Asks for the evictions whose turn has come, and notes each answer.
import type { Budget, EvictionAnswer, Pod } from "../kube/api.ts";
import { durations } from "../model/durations.ts";
import type { EvictionPermit } from "./budget-gate.ts";
import { budgetKey, budgetsOfPod } from "./budgets.ts";
import type { Drain } from "./phase.ts";
import { podIdentity, podKey } from "./pod-filters.ts";
import { currentGroup, describeGroup } from "./pod-rules.ts";
import type { LedgerEntry } from "./pod-state.ts";
import { describeAnswer } from "./report.ts";

/** Starts every eviction that may start now; their answers wake the drain. */
export function startEvictions(drain: Drain, budgets: readonly Budget[]): void {
  const { context, ledger, requests } = drain;
  const now = context.clock.now();
  for (const { uid, pod } of takeDue(drain, now)) {
    if (!requests.hasRoom) return;
    const permit = context.gate.ask(pod, budgets, now);
    if (typeof permit === "string") {
      ledger.hold(uid, permit, now);
      continue;
    }
    ledger.ask(uid);
    requests.start(() => evict(drain, uid, pod, permit, budgets));
  }
}

/** Returns the pods to ask for now, by name; notes of all others what goes before them. */
function takeDue({ ledger }: Drain, now: number): LedgerEntry[] {
  const remaining = ledger.remaining;
  const group = currentGroup(remaining);
  const [first] = group;
  const uids = new Set(group.map(({ uid }) => uid));
  for (const { uid, verdict } of remaining)
    if (first && !uids.has(uid)) ledger.wait(uid, describeGroup(first.verdict.rank, verdict.rank));
  return group.filter((entry) => isDue(entry, now)).sort((a, b) => (podKey(a.pod) < podKey(b.pod) ? -1 : 1));
}

function isDue({ verdict, state }: LedgerEntry, now: number): boolean {
  if (verdict.action !== "evict") return false;
  if (state.kind === "waiting") return true;
  return (state.kind === "held" || state.kind === "evicted") && state.retryAt <= now;
}

async function evict(
  { context, ledger, watch, recreations }: Drain,
  uid: string,
  pod: Pod,
  permit: EvictionPermit,
  budgets: readonly Budget[],
): Promise<void> {
  const grace = watch.isUnreachable ? durations.drain.unreachableGrace : context.policy.gracePeriodSeconds;
  let answer: EvictionAnswer | undefined;
  try {
    answer = await context.api.evictPod(podIdentity(pod), grace);
  } finally {
    if (answer === undefined) {
      permit.done("other");
      ledger.unanswered(uid);
    }
  }
  const given = answer;
  const now = context.clock.now();
  const why = describeAnswer(pod.metadata?.namespace ?? "", given) ?? "being evicted";
  permit.done(verdictOn(given, why, now));
  ledger.answer(uid, given, why, now, (failures) => retryDelay(given, failures, Math.random()));
  if (given.kind === "evicted") recreations.evict(pod);
  const hopeless = explainHopeless(pod, given, budgets);
  if (hopeless) ledger.giveUp(uid, hopeless);
}

/** What an answer says of the budget itself. */
function verdictOn(answer: EvictionAnswer, why: string, now: number): Parameters<EvictionPermit["done"]>[0] {
  if (answer.kind === "evicted") return "evicted";
  return answer.kind === "blocked" ? { why, retryAt: now + (answer.retryAfterSeconds ?? 0) } : "other";
}

function explainHopeless(pod: Pod, answer: EvictionAnswer, budgets: readonly Budget[]): string | undefined {
  if (answer.kind === "refused") return `the eviction is refused: ${answer.text}`;
  if (answer.kind !== "ambiguous") return undefined;
  const names = budgetsOfPod(pod, budgets).map(budgetKey).sort().join(", ");
  return `several budgets select the pod (${names}), so the server will never evict it`;
}

/**
 * Returns the pause before the next try, in seconds, with up to 25 % of jitter on top:
 * - a budget or a terminating namespace: as kubectl, or longer when the server says so
 * - a transient failure: doubled with each failure within bounds, or what the server says
 * - accepted: so long that the pods that are followed show it terminating
 * - otherwise until the next look.
 * @param failures transient failures of this pod in a row, this one included
 * @param chance a random number from 0 to 1
 */
export function retryDelay(answer: EvictionAnswer, failures: number, chance: number): number {
  return leastDelay(answer, failures) * (1 + chance / 4);
}

function leastDelay(answer: EvictionAnswer, failures: number): number {
  const { look, budgetAgain, failureAgain, acceptedAgain } = durations.drain;
  switch (answer.kind) {
    case "blocked":
      return Math.max(budgetAgain, answer.retryAfterSeconds ?? 0);
    case "namespace-terminating":
      return budgetAgain;
    case "transient":
      return answer.retryAfterSeconds === undefined
        ? Math.min(failureAgain.first * 2 ** (failures - 1), failureAgain.longest)
        : Math.max(failureAgain.first, answer.retryAfterSeconds);
    case "evicted":
      return acceptedAgain;
    default:
      return look;
  }
}
