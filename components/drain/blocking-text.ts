// Why a pod is still on its node, in a few words. Pure.
import type { BudgetRefusal, EvictionAnswer } from "../kube/api.ts";

// Server's words: "The disruption budget cart needs 3 healthy pods and has 3 currently". Read for display only.
const budgetText = /disruption budget (\S+) .*?needs (\d+) healthy pods and has (\d+)/;

/** Shortens a budget's refusal to its name and numbers; other wordings are passed on as they are. */
function describeBudgetRefusal(namespace: string, refusal: BudgetRefusal): string {
  const found = budgetText.exec(refusal.text);
  if (!found) return refusal.text;
  const [, name, needed, present] = found;
  return `budget ${namespace}/${name} allows 0 (needs ${needed}, has ${present})`;
}

/** Says why an eviction did not happen; undefined when it did. */
export function describeAnswer(namespace: string, answer: EvictionAnswer | undefined): string | undefined {
  switch (answer?.kind) {
    case "blocked":
      return answer.budgets.map((budget) => describeBudgetRefusal(namespace, budget)).join(", ");
    case "namespace-terminating":
      return `namespace ${namespace} is terminating`;
    case "transient":
    case "refused":
    case "ambiguous":
      return answer.text;
    default:
      return undefined;
  }
}
