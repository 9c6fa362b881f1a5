// Puts a fresh population of pods onto the nodes that leave, and takes it away afterwards.
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { waitFor } from "../../lab/processes/wait-for.ts";
import type { Clients } from "./clients.ts";
import { forEachBounded } from "./in-parallel.ts";
import { applicationsOf, renderBudget, renderDeployment } from "./manifests.ts";
import { nodeNames, podCount, type Scenario } from "./scenario.ts";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
// The disruption controller and the endpoints' bookkeeping go on for a moment after the last pod is Ready.
const settleMs = 3000;

/** Fills the leaving nodes; returns when every pod is Ready there, every budget knows it and the spare nodes are open. */
export async function populate(clients: Clients, scenario: Scenario, namespace: string): Promise<void> {
  const { leaving, spare } = nodeNames(scenario);
  await setSchedulable(clients, spare, false);
  await setSchedulable(clients, leaving, true);
  await clients.core.createNamespace({ body: { metadata: { name: namespace } } });
  await forEachBounded(applicationsOf(scenario), async (application) => {
    const budget = renderBudget(application);
    if (budget) await clients.policy.createNamespacedPodDisruptionBudget({ namespace, body: budget });
    await clients.apps.createNamespacedDeployment({ namespace, body: renderDeployment(application) });
  });
  await waitForPods(clients, namespace, podCount(scenario));
  await waitForBudgets(clients, namespace);
  await setSchedulable(clients, spare, true);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
}

/** Removes the population at once and waits until it is gone. */
export async function depopulate({ core }: Clients, namespace: string): Promise<void> {
  await core.deleteNamespace({ name: namespace });
  await waitFor({
    what: `namespace "${namespace}" to be gone`,
    timeoutSeconds: 180,
    remedy: "See the controller manager's log.",
    check: async () => {
      // Nobody waits for the grace periods of what is thrown away.
      await core.deleteCollectionNamespacedPod({ namespace, gracePeriodSeconds: 0 });
      const { items } = await core.listNamespace();
      return items.some(({ metadata }) => metadata?.name === namespace) ? "it terminates" : undefined;
    },
  });
}

async function setSchedulable({ core }: Clients, names: readonly string[], wanted: boolean): Promise<void> {
  const body = {
    metadata: { annotations: { "nodepools.local/leaving": null, "nodepools.local/drain-started": null } },
    spec: { unschedulable: wanted ? null : true },
  };
  await forEachBounded(names, (name) => core.patchNode({ name, body }, mergePatch));
}

async function waitForPods({ apps }: Clients, namespace: string, count: number): Promise<void> {
  await waitFor({
    what: `${count} Ready pods in namespace "${namespace}"`,
    timeoutSeconds: 300,
    remedy: "See the logs of the scheduler and of kwok.",
    check: async () => {
      const { items } = await apps.listNamespacedDeployment({ namespace });
      const ready = items.reduce((sum, { status }) => sum + (status?.readyReplicas ?? 0), 0);
      return ready === count ? undefined : `${ready} Ready`;
    },
  });
}

async function waitForBudgets({ policy }: Clients, namespace: string): Promise<void> {
  await waitFor({
    what: `the budgets of namespace "${namespace}" to count all pods`,
    timeoutSeconds: 120,
    remedy: "See the controller manager's log.",
    check: async () => {
      const { items } = await policy.listNamespacedPodDisruptionBudget({ namespace });
      const late = items.filter(
        ({ status }) => !status?.expectedPods || (status.currentHealthy ?? 0) < status.expectedPods,
      );
      return late.length === 0 ? undefined : `${late.length} of ${items.length} do not`;
    },
  });
}
