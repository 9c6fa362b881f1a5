// When a pod's eviction is tried again after an answer. Pure.
import type { EvictionAnswer } from "../kube/api.ts";

const budgetPauseMs = 5000;
const longestPauseMs = 30_000;
const acceptedPauseMs = 10_000;

/**
 * Returns the pause before the next try, in milliseconds, with up to 25 % of jitter on top:
 * - a budget or a terminating namespace: 5 s as kubectl, or longer when the server says so
 * - a transient failure: 1 s, doubled with each failure up to 30 s, or what the server says
 * - accepted: 10 s, in which the pods that are followed show it terminating
 * - otherwise 1 s.
 * @param failures transient failures of this pod in a row, this one included
 * @param chance a random number from 0 to 1
 */
export function retryDelayMs(answer: EvictionAnswer, failures: number, chance: number): number {
  return Math.round(leastDelayMs(answer, failures) * (1 + chance / 4));
}

function leastDelayMs(answer: EvictionAnswer, failures: number): number {
  switch (answer.kind) {
    case "blocked":
      return Math.max(budgetPauseMs, (answer.retryAfterSeconds ?? 0) * 1000);
    case "namespace-terminating":
      return budgetPauseMs;
    case "transient":
      return answer.retryAfterSeconds === undefined
        ? Math.min(1000 * 2 ** (failures - 1), longestPauseMs)
        : Math.max(1000, answer.retryAfterSeconds * 1000);
    case "evicted":
      return acceptedPauseMs;
    default:
      return 1000;
  }
}
