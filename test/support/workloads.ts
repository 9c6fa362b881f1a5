// What the lab tests let run on the nodes: Deployments, the budgets over them, and pods that do not go when asked.
import { ask } from "./test-lab.ts";

/** Declares a Deployment whose pods have one container and a second of grace, and what `pod` says. */
export function deployment(name: string, pod: object, replicas = 1): object {
  const matchLabels = { app: name };
  const spec = { terminationGracePeriodSeconds: 1, containers: [container(name)], ...pod };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { replicas, selector: { matchLabels }, template: { metadata: { labels: matchLabels }, spec } },
  };
}

function container(name: string): object {
  return { name, image: "lab.local/busybox:1" };
}

/** Declares one replica of a pod that runs on `node` and nowhere else, also when the node is "dedicated". */
export function deploymentOn(node: string, name: string, pod: object = {}): object {
  return deployment(name, {
    nodeSelector: { "kubernetes.io/hostname": node },
    tolerations: [{ key: "dedicated", operator: "Exists" }],
    ...pod,
  });
}

/** Declares one replica on `node` whose pod takes all of its grace to end. */
export function deafDeploymentOn(node: string, name: string, graceSeconds: number): object {
  return deploymentOn(node, name, { terminationGracePeriodSeconds: graceSeconds, ...deaf(name) });
}

/** What makes a pod end only when its grace is over. */
export function deaf(name: string): object {
  const command = ["sh", "-c", "trap '' TERM; while :; do sleep 1; done"];
  return { containers: [{ ...container(name), command }] };
}

/** Declares replicas that are spread over the nodes, and the budget that lets so many of them be down at once. */
export function spreadDeployment(name: string, replicas: number, maxUnavailable: number): readonly object[] {
  const evenly = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { app: name } },
  };
  return [
    deployment(name, { topologySpreadConstraints: [evenly] }, replicas),
    budget(name, { maxUnavailable }),
  ];
}

/** Declares a budget over the pods of an app. */
export function budget(app: string, limit: object): object {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: app, namespace: "default" },
    spec: { ...limit, selector: { matchLabels: { app } } },
  };
}

/** Tells whether so many replicas of a Deployment are available, no fewer and no more. */
export async function isServing(name: string, replicas: number): Promise<boolean> {
  const path = `/apis/apps/v1/namespaces/default/deployments/${name}`;
  const { status } = await ask<{ status: { availableReplicas?: number } }>(path);
  return status.availableReplicas === replicas;
}

/** What the tests look at in a pod. */
interface SeenPod {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

async function podsOf(app: string): Promise<SeenPod[]> {
  const path = `/api/v1/namespaces/default/pods?labelSelector=app%3D${app}`;
  return (await ask<{ items: SeenPod[] }>(path)).items;
}

/** Names the node of each pod of an app; "" for one without. */
export async function placesOf(app: string): Promise<string[]> {
  return (await podsOf(app)).map(({ spec }) => spec.nodeName ?? "");
}

/** Reads the UIDs of the running pods of an app that nobody has asked to go; sorted. */
export async function stayingPods(app: string): Promise<string[]> {
  return (await podsOf(app))
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Running")
    .map(({ metadata }) => metadata.uid)
    .sort();
}
