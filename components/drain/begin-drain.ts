// How a drain begins and ends on the Node itself: its cordon, its taint, and the time at which it started.
import type { KubeApi, Node, NodeChange } from "../kube/api.ts";
import { changeNodeRetrying } from "../kube/change-node.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { isPassingCordon } from "../model/own-cordon.ts";
import { drainStartedAnnotation, leavingAnnotation, leavingTaintKey } from "../model/owner.ts";

/** The calls that mark a Node. */
export type MarkApi = Pick<KubeApi, "readNode" | "changeNode">;

/** What the Node tells of a drain that begins. */
export interface Beginning {
  readonly node: Node;
  /** True when this program cordoned the Node: now, or earlier because it leaves or is rebooted. */
  readonly isOurCordon: boolean;
  /** Since when, at the latest, it is cordoned, in milliseconds since 1970: pods may still be on their way to it. */
  readonly cordonedAt: number;
  /** When a drain that was broken off had started, in milliseconds since 1970; undefined when none was. */
  readonly resumedFrom: number | undefined;
}

/** Cordons a Node; sends nothing when it is so already. Undefined when there is no such Node. Throws KubeError. */
export async function beginDrain(
  api: MarkApi,
  name: string,
  policy: DrainPolicy,
  now: number,
): Promise<Beginning | undefined> {
  const found = await api.readNode(name);
  if (found === undefined) return undefined;
  const node = await changeNodeRetrying(api, found, (latest) => planCordon(latest, policy));
  if (node === undefined) return undefined;
  const wasSchedulable = found.spec?.unschedulable !== true;
  const annotations = found.metadata?.annotations ?? {};
  // A declared cordon is not for a drain to lift.
  const isOurCordon = wasSchedulable || isPassingCordon(annotations);
  const cordonedAt = Math.min(now, Date.parse(annotations[leavingAnnotation] ?? "") || now);
  return { node, isOurCordon, cordonedAt, resumedFrom: findBrokenOff(found, policy, now) };
}

function planCordon(node: Node, policy: DrainPolicy): NodeChange | undefined {
  const taints = node.spec?.taints ?? [];
  const lacksTaint = policy.evictDaemonSetPods === true && !taints.some(({ key }) => key === leavingTaintKey);
  const isCordoned = node.spec?.unschedulable === true;
  if (isCordoned && !lacksTaint) return undefined;
  return {
    ...(!isCordoned && { unschedulable: true }),
    ...(lacksTaint && { taints: [...taints, { key: leavingTaintKey, effect: "NoSchedule" }] }),
  };
}

/** A drain whose time is over would have failed by itself: the next one is a new one, with all its time. */
function findBrokenOff(node: Node, policy: DrainPolicy, now: number): number | undefined {
  const started = Date.parse(node.metadata?.annotations?.[drainStartedAnnotation] ?? "");
  const isRunning = started <= now && now < started + policy.timeoutSeconds * 1000;
  return isRunning ? started : undefined;
}

/** Writes down when the drain started, so that a rerun after a kill keeps its deadline. */
export async function stampStart(api: MarkApi, node: Node, startedAt: number): Promise<void> {
  const text = new Date(startedAt).toISOString();
  await changeNodeRetrying(api, node, ({ metadata }) =>
    metadata?.annotations?.[drainStartedAnnotation] === text
      ? undefined
      : { annotations: { [drainStartedAnnotation]: text } },
  );
}

/** Removes the start, so that the next drain of this Node has all its time; lifts our own cordon when asked to. */
export async function endDrain(api: MarkApi, name: string, uncordon: boolean): Promise<void> {
  const node = await api.readNode(name);
  if (node === undefined) return;
  await changeNodeRetrying(api, node, (latest) => planEnd(latest, uncordon));
}

function planEnd(node: Node, uncordon: boolean): NodeChange | undefined {
  const isStamped = node.metadata?.annotations?.[drainStartedAnnotation] !== undefined;
  if (!uncordon) return isStamped ? { annotations: { [drainStartedAnnotation]: null } } : undefined;
  return {
    unschedulable: false,
    annotations: { [drainStartedAnnotation]: null, [leavingAnnotation]: null },
    ...planWithoutLeavingTaint(node),
  };
}

/** Returns the taints without the one that a drain sets; nothing when it is not there. */
export function planWithoutLeavingTaint(node: Node): Pick<NodeChange, "taints"> {
  const taints = node.spec?.taints ?? [];
  const others = taints.filter(({ key }) => key !== leavingTaintKey);
  return others.length === taints.length ? {} : { taints: others };
}
