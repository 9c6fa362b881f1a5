// How a drain speaks of pods: grouped by reason, few names, stable order; and its one error. Pure.
import type { BudgetRefusal, EvictionAnswer } from "../kube/api.ts";

/** Says one thing about one pod. */
export interface PodRemark {
  readonly reason: string;
  /** `namespace/name`. */
  readonly pod: string;
}

const namesShown = 3;
const reasonsShown = 5;

/** Counts things in words: `1 pod`, `2 pods`. */
export function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? "" : "s"}`;
}

/** Lists the first three names in order and counts the rest: `a, b, c and 2 more`. */
export function listNames(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort();
  const rest = sorted.length - namesShown;
  const shown = sorted.slice(0, namesShown).join(", ");
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** Groups remarks by reason in alphabetical order, one line each; from the sixth reason on, pods are only counted. */
export function reportByReason(remarks: readonly PodRemark[]): string[] {
  const groups = [...Map.groupBy(remarks, (remark) => remark.reason)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = groups
    .slice(0, reasonsShown)
    .map(([reason, group]) => `${reason}: ${listNames(group.map((remark) => remark.pod))}`);
  const others = new Set(
    groups.slice(reasonsShown).flatMap(([, group]) => group.map((remark) => remark.pod)),
  );
  return others.size > 0 ? [...lines, `${count(others.size, "pod")} for other reasons`] : lines;
}

/** Reports a node that was not drained. */
export class DrainError extends Error {
  readonly nodeName: string;
  /** What stands in the way, pod by pod; empty when no pod does. */
  readonly remarks: readonly PodRemark[];

  constructor(nodeName: string, cause: string, remarks: readonly PodRemark[], remedy: string) {
    const lines = reportByReason(remarks).map((line) => `\n  - ${line}`);
    super(
      `draining node "${nodeName}": ${cause}${lines.length > 0 ? `:${lines.join("")}\n` : ". "}${remedy}`,
    );
    this.name = "DrainError";
    this.nodeName = nodeName;
    this.remarks = remarks;
  }

  /** Adds the pods for which budgets wait, and why no node takes them, one line each. */
  addUnplaced(lines: readonly string[]): void {
    if (lines.length > 0) this.message += `\nWithout a node:${lines.map((line) => `\n  - ${line}`).join("")}`;
  }

  /** Adds what the drain did or lost before it failed, one line each. */
  addConsequences(lines: readonly string[]): void {
    this.message += `\nUntil then:${lines.map((line) => `\n  - ${line}`).join("")}`;
  }
}

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
