// Which pod disruption budgets concern a pod, and which of them can never allow an eviction. Pure.
import type { Budget, LabelSelector, Pod } from "../kube/api.ts";
import { oneLine } from "../model/foreign-text.ts";
import { type Requirement, type Selector, selects } from "../model/selector.ts";
import { isProtectedByBudgets, isReadyPod } from "./pod-filters.ts";

/** Returns a budget's name as people write it: `namespace/name`. */
export function budgetKey(budget: Budget): string {
  return `${budget.metadata?.namespace}/${budget.metadata?.name}`;
}

/** Returns the budgets that select a pod. */
export function budgetsOfPod(pod: Pod, budgets: readonly Budget[]): Budget[] {
  return budgets.filter(
    (budget) =>
      budget.metadata?.namespace === pod.metadata?.namespace &&
      matchesSelector(budget.spec?.selector, pod.metadata?.labels ?? {}),
  );
}

/** Returns how many pods the budget lets go now; 0 while the server has not yet looked at it. */
export function disruptionsAllowed(budget: Budget): number {
  return isObserved(budget) ? Math.max(0, budget.status?.disruptionsAllowed ?? 0) : 0;
}

/**
 * Tells whether the pod's eviction needs one of the budget's disruptions. Those of pods that are not asked for, or that
 * run but are not Ready, do not: while enough others are healthy, or where the budget always allows it.
 * Source: kubernetes pkg/registry/core/pod/storage/eviction.go.
 */
export function isCharged(pod: Pod, budget: Budget): boolean {
  if (!isProtectedByBudgets(pod)) return false;
  if (isReadyPod(pod)) return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  const isHealthyBudget = desiredHealthy > 0 && currentHealthy >= desiredHealthy;
  return !(isHealthyBudget || budget.spec?.unhealthyPodEvictionPolicy === "AlwaysAllow");
}

/** Says how many pods a budget lets go now and why, in few words. */
export function describeAllowance(budget: Budget): string {
  const { desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
  return `budget ${budgetKey(budget)} allows ${disruptionsAllowed(budget)} (needs ${desiredHealthy}, has ${currentHealthy})`;
}

/**
 * Says why the cluster does not count the budget's pods, as of owners without a scale; undefined when it does. Such a
 * budget allows nothing as long as that lasts.
 */
export function explainUncounted(budget: Budget): string | undefined {
  const failure = budget.status?.conditions?.find(
    ({ type, status, reason }) =>
      type === "DisruptionAllowed" && status === "False" && reason === "SyncFailed",
  );
  return failure && `its pods cannot be counted (${oneLine(failure.message)})`;
}

/**
 * Says why a budget does not let a healthy pod go by itself; undefined when it may:
 * - the cluster cannot count its pods
 * - maxUnavailable is 0
 * - minAvailable is 100%
 * - it wants at least as many healthy pods as there are (rule of Gardener's isMisconfiguredPdb).
 */
export function explainHopelessBudget(budget: Budget): string | undefined {
  const uncounted = explainUncounted(budget);
  if (uncounted) return uncounted;
  const { maxUnavailable, minAvailable } = budget.spec ?? {};
  if (maxUnavailable === 0 || maxUnavailable === "0%") return `maxUnavailable is ${maxUnavailable}`;
  if (minAvailable === "100%") return "minAvailable is 100%";
  const { expectedPods = 0, desiredHealthy = 0 } = budget.status ?? {};
  if (!isObserved(budget) || expectedPods === 0 || desiredHealthy < expectedPods) return undefined;
  return `it needs ${desiredHealthy} healthy pods and there are ${expectedPods}`;
}

/** Tells whether the numbers in a budget's status belong to its present specification. */
export function isObserved(budget: Budget): boolean {
  return (budget.status?.observedGeneration ?? 0) >= (budget.metadata?.generation ?? 0);
}

const operators: readonly Requirement["operator"][] = ["In", "NotIn", "Exists", "DoesNotExist"];
const read = new WeakMap<LabelSelector, Selector>();

/** Tells whether a selector selects these labels; an empty one selects all, an absent one none. */
export function matchesSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (!selector) return false;
  const requirements = read.get(selector) ?? readSelector(selector);
  read.set(selector, requirements);
  return selects(requirements, labels);
}

/** Throws on an operator that Kubernetes does not know: a wrong guess would hide a budget. */
function readSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Selector {
  const pairs = Object.entries(matchLabels).map(([key, value]) => ({
    key,
    operator: "In" as const,
    values: [value],
  }));
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    const known = operators.find((candidate) => candidate === operator);
    if (known !== undefined) return { key, operator: known, values };
    throw new Error(`reading label selector: unknown operator "${operator}" for key "${key}".`);
  });
  return [...pairs, ...expressions];
}
