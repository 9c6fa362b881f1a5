// What pod disruption budgets will do to the evictions of all disrupted nodes together. Pure.
import type { Budget } from "../../kube/api.ts";
import { isAwayForAWhile } from "../../model/disruption.ts";
import {
  budgetKey,
  budgetsOfPod,
  disruptionsAllowed,
  explainHopelessBudget,
  isCharged,
  isObserved,
} from "../budgets.ts";
import { accepts } from "../placement.ts";
import { isProtectedByBudgets, ownerKey, podKey } from "../pod-filters.ts";
import { type DisruptionFact, type FactOf, isDeployment } from "./facts.ts";
import { isEvicted, type JudgedPod, type Scene } from "./scene.ts";

/** An eviction that needs the consent of budgets. */
interface HeldPod extends JudgedPod {
  readonly holders: readonly Budget[];
}

type BudgetFact = FactOf<
  "budget-rounds" | "budget-exhausted" | "budget-not-counted" | "budget-stranded" | "budget-hopeless"
>;

/** Tells what each budget allows, in how many rounds, and which evictions it can never allow. */
export function describeBudgetsAhead(scene: Scene, judged: readonly JudgedPod[]): DisruptionFact[] {
  const held = findHeld(scene.budgets, judged);
  const single = held.filter(({ holders }) => holders.length === 1);
  const byBudget = [...Map.groupBy(single, ({ holders }) => holders[0])];
  const facts = byBudget.flatMap(([budget, pods]) => (budget ? [describeBudget(scene, budget, pods)] : []));
  return [
    ...facts.sort(bySlowestFirst),
    ...describeOverlaps(held.filter(({ holders }) => holders.length > 1)),
    ...describeBypass(scene, held),
  ];
}

/** What takes most rounds is told first, so that no count of others hides it; then by name. */
function bySlowestFirst(one: BudgetFact, other: BudgetFact): number {
  return roundsOf(other) - roundsOf(one) || (one.budget < other.budget ? -1 : 1);
}

function roundsOf(fact: BudgetFact): number {
  return fact.kind === "budget-rounds" ? fact.rounds : 0;
}

/** Several budgets hold a pod even when none of them would be charged: the server looks no further. */
function findHeld(budgets: readonly Budget[], judged: readonly JudgedPod[]): HeldPod[] {
  const byNamespace = Map.groupBy(budgets, (budget) => budget.metadata?.namespace ?? "");
  const asking = judged.filter((one) => isEvicted(one) && one.node.disruption !== "lost");
  return asking.flatMap((one) => {
    const holders = budgetsOfPod(one.pod, byNamespace.get(one.pod.metadata?.namespace ?? "") ?? []);
    const isHeld =
      holders.length > 1
        ? isProtectedByBudgets(one.pod)
        : holders.some((budget) => isCharged(one.pod, budget));
    return isHeld ? [{ ...one, holders }] : [];
  });
}

function describeBudget(scene: Scene, budget: Budget, pods: readonly HeldPod[]): BudgetFact {
  const facts = { budget: budgetKey(budget), evictions: pods.length };
  const reason = explainHopelessBudget(budget);
  if (reason) {
    const restartable = [...new Set(pods.map(({ pod }) => ownerKey(pod)))].filter(isDeployment).sort();
    const hopeless = { kind: "budget-hopeless", severity: "warning", ...facts, reason } as const;
    return { ...hopeless, pods: sortedKeys(pods), restartable };
  }
  if (!isObserved(budget)) return { kind: "budget-not-counted", severity: "warning", ...facts };
  const allowed = disruptionsAllowed(budget);
  const isBypassed = pods.every(({ node }) => node.policy.onTimeout === "deletePods");
  if (allowed < pods.length && !isBypassed && areStranded(scene, pods))
    return { kind: "budget-stranded", severity: "warning", ...facts, allowed, pods: sortedKeys(pods) };
  const { desiredHealthy: needed = 0, currentHealthy: healthy = 0 } = budget.status ?? {};
  if (allowed === 0) return { kind: "budget-exhausted", severity: "warning", ...facts, needed, healthy };
  return { kind: "budget-rounds", severity: "info", ...facts, allowed, ...planRounds(allowed, loads(pods)) };
}

/** Tells whether no evicted pod can start anew before all are gone, as when a whole cluster leaves. */
function areStranded({ disrupted, nodes, joining }: Scene, pods: readonly HeldPod[]): boolean {
  const away = new Set(
    disrupted.filter(({ disruption }) => !isAwayForAWhile(disruption)).map(({ nodeName }) => nodeName),
  );
  const open = nodes.filter(
    ({ metadata, spec }) => spec?.unschedulable !== true && !away.has(metadata?.name ?? ""),
  );
  return joining.length === 0 && !open.some((node) => pods.some(({ pod }) => accepts(node, pod)));
}

function sortedKeys(pods: readonly JudgedPod[]): string[] {
  return pods.map(({ pod }) => podKey(pod)).sort();
}

function loads(pods: readonly HeldPod[]): PoolLoad[] {
  return [...Map.groupBy(pods, ({ node }) => node.pool).values()].map((ofPool) => ({
    maxUnavailable: ofPool[0]?.node.maxUnavailable ?? 1,
    podsByNode: [...Map.groupBy(ofPool, ({ node }) => node).values()].map((ofNode) => ofNode.length),
  }));
}

function describeOverlaps(held: readonly HeldPod[]): DisruptionFact[] {
  const named = held.map((pod) => ({ pod, budgets: pod.holders.map(budgetKey).sort() }));
  return [...Map.groupBy(named, ({ budgets }) => budgets.join(", "))]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, group]) => ({
      kind: "budgets-overlap",
      severity: "warning",
      budgets: group[0]?.budgets ?? [],
      pods: sortedKeys(group.map(({ pod }) => pod)),
    }));
}

/** Said even when no budget holds a pod at the time of the preview: one may by the time of the drain. */
function describeBypass(scene: Scene, held: readonly HeldPod[]): DisruptionFact[] {
  const bypassing = scene.disrupted.filter(
    ({ disruption, policy }) => policy.onTimeout === "deletePods" && disruption !== "lost",
  );
  return [...Map.groupBy(bypassing, ({ policy }) => policy.timeoutSeconds)]
    .sort(([one], [other]) => one - other)
    .map(([afterSeconds, nodes]) => {
      const concerned = held.filter(({ node }) => nodes.includes(node));
      return {
        kind: "budgets-bypassed",
        severity: "warning",
        afterSeconds,
        nodes: nodes.map(({ nodeName }) => nodeName).sort(),
        budgets: [...new Set(concerned.flatMap(({ holders }) => holders.map(budgetKey)))].sort(),
        pods: sortedKeys(concerned),
      };
    });
}

/** Pods of the budget on the disrupted nodes of one pool. */
export interface PoolLoad {
  /** How many nodes of the pool drain at once. */
  readonly maxUnavailable: number;
  /** Pods of the budget on each node, in the order in which nodes drain. */
  readonly podsByNode: readonly number[];
}

/** What a budget and the pools' limits let happen. */
export interface Rounds {
  /** Evictions of the first round. */
  readonly now: number;
  readonly rounds: number;
}

/**
 * Plays the drains through: in each round every pool drains its first `maxUnavailable` nodes that still have pods, and
 * together they evict as many as the budget allows at once; the next round begins when those are Ready elsewhere.
 */
export function planRounds(allowed: number, pools: readonly PoolLoad[]): Rounds {
  const queues = pools.map(({ maxUnavailable, podsByNode }) => ({
    maxUnavailable,
    left: podsByNode.filter((pods) => pods > 0),
  }));
  let now = 0;
  let rounds = 0;
  while (queues.some(({ left }) => left.length > 0)) {
    const evicted = playRound(Math.max(1, allowed), queues);
    if (rounds === 0) now = evicted;
    rounds++;
  }
  return { now, rounds };
}

function playRound(allowed: number, queues: { readonly maxUnavailable: number; left: number[] }[]): number {
  let free = allowed;
  for (const queue of queues) {
    const draining = queue.left.slice(0, Math.max(1, queue.maxUnavailable)).map((pods) => {
      const evicted = Math.min(pods, free);
      free -= evicted;
      return pods - evicted;
    });
    queue.left = [...draining.filter((pods) => pods > 0), ...queue.left.slice(draining.length)];
  }
  return allowed - free;
}
