// Renders what a scenario puts into the cluster. Pure.
import type { V1Deployment, V1Node, V1PodDisruptionBudget, V1PodSpec } from "@kubernetes/client-node";
import { ownerAnnotation } from "../../components/model/owner.ts";
import { budgetPercents, podCount, type Scenario } from "./scenario.ts";

/** Marks a simulated node for kwok; hosts do not have it. */
export const simulatedAnnotation = "kwok.x-k8s.io/node";

/** Label of a pod that names its Deployment, and of the nodes of the DaemonSet. */
export const appLabel = "app";

const image = "lab.local/busybox:1";

/** A Deployment of the population and what its budget lets be away. */
export interface Application {
  readonly name: string;
  readonly replicas: number;
  /** In percent; undefined without a budget. */
  readonly maxUnavailablePercent: number | undefined;
}

/** Divides the scenario's pods into Deployments. */
export function applicationsOf(scenario: Scenario): readonly Application[] {
  const count = podCount(scenario) / scenario.podsPerDeployment;
  return Array.from({ length: count }, (_, index) => ({
    name: `app-${index + 1}`,
    replicas: scenario.podsPerDeployment,
    maxUnavailablePercent: budgetPercents[index % budgetPercents.length],
  }));
}

/** Returns how many pods of an application its budget wants healthy: percents round up, as in the disruption controller. */
export function desiredHealthy({ replicas, maxUnavailablePercent }: Application): number {
  if (maxUnavailablePercent === undefined) return 0;
  return replicas - Math.ceil((replicas * maxUnavailablePercent) / 100);
}

/** Renders a Deployment. */
export function renderDeployment(application: Application): V1Deployment {
  const labels = { [appLabel]: application.name };
  return {
    metadata: { name: application.name },
    spec: {
      replicas: application.replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec() },
    },
  };
}

/** Renders the budget of an application; undefined when it has none. */
export function renderBudget(application: Application): V1PodDisruptionBudget | undefined {
  if (application.maxUnavailablePercent === undefined) return undefined;
  return {
    metadata: { name: application.name },
    spec: {
      selector: { matchLabels: { [appLabel]: application.name } },
      maxUnavailable: `${application.maxUnavailablePercent}%`,
    },
  };
}

/** Renders the pods that every node has: a DaemonSet, which drains leave alone. */
export function renderDaemonSet(name: string) {
  const labels = { [appLabel]: name };
  return {
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec() } },
  };
}

function podSpec(): V1PodSpec {
  return {
    containers: [{ name: "main", image }],
    volumes: [{ name: "scratch", emptyDir: {} }],
    automountServiceAccountToken: false,
  };
}

/** Renders a simulated node with room for so many pods beside the DaemonSet's. */
export function renderNode(name: string, pods: number, owner: string): V1Node {
  const room = { cpu: "64", memory: "256Gi", pods: `${pods + 1}` };
  return {
    metadata: {
      name,
      labels: { "kubernetes.io/hostname": name },
      annotations: {
        [simulatedAnnotation]: "fake",
        [ownerAnnotation]: owner,
        "nodepools.local/pool": "bench",
      },
    },
    status: { capacity: room, allocatable: room },
  };
}
