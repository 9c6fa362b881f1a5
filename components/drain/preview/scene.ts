// What a preview rests on: the cluster as it was read, and each pod of the nodes that leave or are drained, judged. Pure.
import type { Budget, Node, Pod, Volume } from "../../kube/api.ts";
import type { Disruption } from "../../model/disruption.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import type { Hooks } from "../../model/hooks.ts";
import type { Taint } from "../../model/taint.ts";
import { classifyPod, type PodVerdict } from "../classify.ts";
import { isDaemonSetPod, isFinished, isMirrorPod, isTerminating, podController } from "../pod-filters.ts";
import type { PodRollout } from "../rollouts.ts";

/** A node whose pods go, and how. */
export interface DisruptedNode {
  readonly nodeName: string;
  readonly disruption: Disruption;
  readonly pool: string;
  /** How many nodes of the pool drain at once. */
  readonly maxUnavailable: number;
  readonly policy: DrainPolicy;
  /** Hooks of its pool; absent where none are declared. */
  readonly hooks?: Hooks;
  readonly unreachable: boolean;
  readonly attachedVolumes: number;
}

/** A taint of effect NoExecute that a node gets. */
export interface AddedTaint {
  readonly nodeName: string;
  readonly taint: Taint;
}

/** The cluster before the change. What could not be read is empty, and named in `unknown`. */
export interface Scene {
  readonly disrupted: readonly DisruptedNode[];
  /** Taints that evict pods from nodes that stay. */
  readonly addedTaints: readonly AddedTaint[];
  /** Members that are declared and have no Node yet. */
  readonly joining: readonly string[];
  /** All Nodes of the cluster. */
  readonly nodes: readonly Node[];
  /** All pods of the cluster. */
  readonly pods: readonly Pod[];
  readonly budgets: readonly Budget[];
  /** Read only when a pod on a disrupted node has claims. */
  readonly volumes: readonly Volume[];
  /** Tells whether a DaemonSet exists; undefined when unknown. */
  readonly daemonSetExists: (namespace: string, name: string) => boolean | undefined;
  /** Labels of a namespace, on which drain rules may select. */
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>>;
  /** Finds the Deployment of a pod whose rule says restart; absent when none says so. */
  readonly rolloutOf?: (pod: Pod) => PodRollout | "unknown" | undefined;
  /** Nodes that are down and stay, by their pool; absent when none is. */
  readonly down?: ReadonlyMap<string, readonly string[]>;
  /** The uid of the pod that this program runs in; undefined where it runs in none that it knows of. */
  readonly runner?: string | undefined;
  readonly unknown: readonly { readonly what: string; readonly reason: string }[];
  /** Seconds since 1970, on the cluster's clock. */
  readonly now: number;
}

/** A pod of such a node and what the drain does with it. */
export interface JudgedPod {
  readonly pod: Pod;
  readonly node: DisruptedNode;
  readonly verdict: PodVerdict;
}

/** Judges the pods of all these nodes, in the order of the nodes' names; what has no Node is not drained. */
export function judgePods(scene: Scene): JudgedPod[] {
  const byNode = Map.groupBy(scene.pods, (pod) => pod.spec?.nodeName ?? "");
  const known = new Set(scene.nodes.map((node) => node.metadata?.name));
  const nodes = scene.disrupted
    .filter(({ nodeName }) => known.has(nodeName))
    .sort((one, other) => (one.nodeName < other.nodeName ? -1 : 1));
  return nodes.flatMap((node) =>
    (byNode.get(node.nodeName) ?? []).map((pod) => ({ pod, node, verdict: judge(pod, node, scene) })),
  );
}

function judge(pod: Pod, { disruption, policy, unreachable }: DisruptedNode, scene: Scene): PodVerdict {
  if (disruption === "lost") return judgeAbandoned(pod);
  const namespace = pod.metadata?.namespace ?? "";
  const daemonSet = isDaemonSetPod(pod) ? podController(pod) : undefined;
  return classifyPod(pod, {
    policy,
    daemonSetExists: daemonSet && scene.daemonSetExists(namespace, daemonSet.name),
    namespaceLabels: scene.namespaceLabels(namespace),
    nodeUnreachable: unreachable,
    rollout: scene.rolloutOf?.(pod),
    now: scene.now,
  });
}

/** Of a lost machine everything is deleted; what terminates has been replaced by now, and the rest belongs to its node. */
function judgeAbandoned(pod: Pod): PodVerdict {
  const isEnded = isTerminating(pod) || isDaemonSetPod(pod) || isMirrorPod(pod);
  const rank = { order: 0, tier: 0 };
  return isEnded ? { action: "ignore", rank } : { action: "evict", rank, losses: [] };
}

/** Tells whether the drain evicts the pod. */
export function isEvicted({ verdict }: JudgedPod): boolean {
  return verdict.action === "evict";
}

/** Tells whether the drain has a rollout move the pod. */
export function isRestarted({ verdict }: JudgedPod): boolean {
  return verdict.action === "restart";
}

/**
 * Tells whether the pod goes on elsewhere, or would if it had a controller:
 * - the drain evicts it, or has a rollout move it
 * - it has not finished
 * - no DaemonSet made it.
 */
export function moves(judged: JudgedPod): boolean {
  return (isEvicted(judged) || isRestarted(judged)) && !isFinished(judged.pod) && !isDaemonSetPod(judged.pod);
}
