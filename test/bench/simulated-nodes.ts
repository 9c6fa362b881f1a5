// Makes the simulated nodes of a scenario, and removes those of the one before.
import { waitFor } from "../../lab/processes/wait-for.ts";
import type { Clients } from "./clients.ts";
import { forEachBounded } from "./in-parallel.ts";
import { renderDaemonSet, renderNode } from "./manifests.ts";
import { nodeNames, type Scenario } from "./scenario.ts";

/** Stamp on the simulated nodes, as on those that a stack owns. */
const owner = "bench/nodepools/drain";
const agentNamespace = "bench-agents";
const podsOfSpareNode = 110;

/** Replaces all nodes by those of the scenario, each with one pod of a DaemonSet, and waits until they are Ready. */
export async function makeSimulatedNodes(clients: Clients, scenario: Scenario): Promise<void> {
  const { leaving, spare } = nodeNames(scenario);
  await removeNodes(clients);
  await forEachBounded(leaving, (name) =>
    clients.core.createNode({ body: renderNode(name, scenario.podsPerNode, owner) }),
  );
  await forEachBounded(spare, (name) =>
    clients.core.createNode({ body: renderNode(name, podsOfSpareNode, owner) }),
  );
  await startAgents(clients);
  await waitForAgents(clients, leaving.length + spare.length);
}

/** Removes all nodes and the DaemonSet. */
async function removeNodes({ core }: Clients): Promise<void> {
  const { items } = await core.listNode();
  await forEachBounded(items, (node) => core.deleteNode({ name: node.metadata?.name ?? "" }));
  await waitFor({
    what: "the former nodes and their pods to be gone",
    timeoutSeconds: 120,
    remedy: "See the controller manager's log.",
    check: async () => {
      const pods = await core.listPodForAllNamespaces({ limit: 1 });
      return pods.items.length === 0 ? undefined : "pods are left";
    },
  });
}

async function startAgents({ core, apps }: Clients): Promise<void> {
  const known = await core.listNamespace();
  if (known.items.some(({ metadata }) => metadata?.name === agentNamespace)) return;
  await core.createNamespace({ body: { metadata: { name: agentNamespace } } });
  await apps.createNamespacedDaemonSet({ namespace: agentNamespace, body: renderDaemonSet("agent") });
}

async function waitForAgents({ apps }: Clients, nodes: number): Promise<void> {
  await waitFor({
    what: `a Ready agent on ${nodes} nodes`,
    timeoutSeconds: 180,
    remedy: "See kwok's log.",
    check: async () => {
      const { status } = await apps.readNamespacedDaemonSet({ namespace: agentNamespace, name: "agent" });
      return status?.numberReady === nodes ? undefined : `${status?.numberReady} Ready`;
    },
  });
}
