// Clusters before a removal, for the tables of this folder: plain data with defaults.
import { deepStrictEqual } from "node:assert";
import { shortenerFor } from "../../../../components/drain/preview/bystander.ts";
import { describeDisruption } from "../../../../components/drain/preview/describe.ts";
import { factText } from "../../../../components/drain/preview/fact-text.ts";
import type { DisruptedNode, Scene } from "../../../../components/drain/preview/scene.ts";
import type { Node, Pod, Volume } from "../../../../components/kube/api.ts";
import type { DrainPolicy } from "../../../../components/model/drain-policy.ts";
import { type PodTraits, pod } from "../pods.ts";

type PodSpec = NonNullable<Pod["spec"]>;

/** Time at which all previews of the tests happen, in milliseconds since 1970. */
export const now = Date.parse("2030-01-01T00:00:00Z") / 1000;

/** Pods of a Deployment, and of a StatefulSet. */
export const cart = {
  labels: { app: "web", "pod-template-hash": "5d9" },
  owner: { kind: "ReplicaSet", name: "cart-5d9" },
} satisfies PodTraits;
export const db = { labels: { app: "db" }, owner: { kind: "StatefulSet", name: "db" } } satisfies PodTraits;

/** Puts a pod on a node; it is Ready when it runs. */
export function podOn(node: string, name: string, traits: PodTraits = {}, spec: Partial<PodSpec> = {}): Pod {
  const built = pod(name, traits);
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  return {
    ...built,
    spec: { containers: [], ...built.spec, nodeName: node, ...spec },
    status: { ...ready, ...built.status },
  };
}

/** Spec of a pod with one container that requests so much. */
export function asking(requests: Record<string, string>): Partial<PodSpec> {
  return { containers: [{ name: "main", resources: { requests } }] };
}

/** Builds a Node that is Ready, with room for ten pods, 4 cpus and 8 GiB. */
export function node(
  name: string,
  spec: Node["spec"] = {},
  more: { allocatable?: Record<string, string>; labels?: Record<string, string>; ready?: string } = {},
): Node {
  const { allocatable, labels = {}, ready = "True" } = more;
  return {
    metadata: { name, labels },
    spec,
    status: {
      allocatable: { cpu: "4", memory: "8Gi", pods: "10", ...allocatable },
      conditions: [{ type: "Ready", status: ready }],
    },
  };
}

/** Builds a bound volume of claim `shop/<claim>`. */
export function volume(name: string, claim: string, spec: Volume["spec"]): Volume {
  const claimRef = { namespace: "shop", name: claim };
  return { metadata: { name }, spec: { claimRef, ...spec }, status: { phase: "Bound" } };
}

/** Affinity of a volume to one node. */
export function onlyOn(nodeName: string): Volume["spec"] {
  const values = [nodeName];
  const matchExpressions = [{ key: "kubernetes.io/hostname", operator: "In", values }];
  return { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } };
}

/** Pod volumes that use a claim. */
export function claiming(claimName: string): Partial<PodSpec> {
  return { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }] };
}

/** Spec of a pod that shares its node with no pod of this app. */
export function apart(app: string, topologyKey = "kubernetes.io/hostname"): Partial<PodSpec> {
  const term = { topologyKey, labelSelector: { matchLabels: { app } } };
  return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
}

/** Builds a node of pool workers that leaves, one at a time. */
export function leaving(
  nodeName: string,
  policy: Partial<DrainPolicy> = {},
  more: Partial<DisruptedNode> = {},
): DisruptedNode {
  const strict = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false };
  return {
    nodeName,
    disruption: "leaves",
    pool: "workers",
    maxUnavailable: 1,
    policy: { ...strict, ...policy },
    unreachable: false,
    attachedVolumes: 0,
    ...more,
  };
}

/** Builds a scene: unless told otherwise nothing but w1 leaves and w9 stays. */
export function scene(pods: readonly Pod[], more: Partial<Scene> = {}): Scene {
  const leave = more.disrupted ?? [leaving("w1")];
  return {
    disrupted: leave,
    addedTaints: [],
    joining: [],
    nodes: [...leave.map(({ nodeName }) => node(nodeName)), node("w9")],
    pods,
    budgets: [],
    volumes: [],
    daemonSetExists: () => true,
    namespaceLabels: () => ({}),
    unknown: [],
    now,
    ...more,
  };
}

/** The lines that people read about a scene; the same of a scene that was read as the provider reads it. */
export function lines(pods: readonly Pod[], more: Partial<Scene> = {}): string[] {
  const whole = scene(pods, more);
  const facts = describeDisruption(whole);
  const shortened = describeDisruption({ ...whole, pods: whole.pods.map(shortenerFor(whole)) });
  deepStrictEqual(shortened, facts);
  return facts.map(factText);
}
