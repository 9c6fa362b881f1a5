// Watches the pods and budgets of a population from the outside while a side drains.
import type { V1Pod, V1PodDisruptionBudget } from "@kubernetes/client-node";
import { followChanges } from "./changes.ts";
import type { Clients } from "./clients.ts";
import { countHealthyPods, type PodSightings } from "./healthy-pods.ts";
import { applicationsOf, desiredHealthy } from "./manifests.ts";
import type { Scenario } from "./scenario.ts";

/** What a watcher saw. */
export interface BudgetSightings extends PodSightings {
  /** States of budgets in which the disruption controller itself counted fewer healthy pods than it wants. */
  readonly budgetsBelow: number;
}

/** A watch that counts until it is asked for what it saw. */
export interface BudgetWatcher extends Disposable {
  /** Throws when a watch broke on the way, because then nobody knows what it missed. */
  sightings(): BudgetSightings;
}

/** Watches a namespace that holds the scenario's population, every pod of it healthy. */
export async function watchBudgets(
  clients: Clients,
  scenario: Scenario,
  namespace: string,
): Promise<BudgetWatcher> {
  const desired = new Map(applicationsOf(scenario).map((one) => [one.name, desiredHealthy(one)]));
  const pods = countHealthyPods(desired);
  const present = await clients.core.listNamespacedPod({ namespace });
  for (const pod of present.items) pods.see("ADDED", pod);
  const budgetPath = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  const budgets = await clients.policy.listNamespacedPodDisruptionBudget({ namespace });
  let budgetsBelow = 0;
  const watches = [
    followChanges<V1Pod>(clients, `/api/v1/namespaces/${namespace}/pods`, present.metadata, pods.see),
    followChanges<V1PodDisruptionBudget>(clients, budgetPath, budgets.metadata, (_phase, { status }) => {
      if ((status?.currentHealthy ?? 0) < (status?.desiredHealthy ?? 0)) budgetsBelow += 1;
    }),
  ];
  return {
    sightings: () => {
      for (const watch of watches) watch.requireWhole();
      return { ...pods.sightings(), budgetsBelow };
    },
    [Symbol.dispose]: () => {
      for (const watch of watches) watch[Symbol.dispose]();
    },
  };
}
