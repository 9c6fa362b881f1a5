// How a drain begins and ends on the Node itself: its cordon, its taint, and the time at which it started.
import type { KubeApi, Node } from "../kube/api.ts";
import { changeNodeRetrying, type NodePlan } from "../kube/change-node.ts";
import { readTime, writeTime } from "../model/clock.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { planDrainCordon, planDrainEnd, planDrainStart } from "../model/mark-changes.ts";
import { readMarks } from "../model/node-marks.ts";
import { isSameMachine } from "./node-watch.ts";

/** The calls that mark a Node. */
type MarkApi = Pick<KubeApi, "readNode" | "changeNode">;

/** What the Node tells of a drain that begins. Times are in seconds since 1970. */
export interface DrainStart {
  readonly node: Node;
  /** True when this program cordoned the Node: now, or earlier because it leaves or is rebooted. */
  readonly isOurCordon: boolean;
  /** Latest possible time of the cordon: pods may still be on their way to it. */
  readonly cordonedAt: number;
  /** When a drain that was broken off had started; undefined when none was. */
  readonly resumedFrom: number | undefined;
}

/**
 * Cordons a Node; sends nothing when it is so already. Undefined when there is no such Node, or when it is not that of
 * the machine. Throws KubeError.
 * @param now tells the time on the cluster's clock, in seconds since 1970
 */
export async function beginDrain(
  api: MarkApi,
  name: string,
  policy: DrainPolicy,
  now: () => number,
  machineId?: string,
): Promise<DrainStart | undefined> {
  const found = await api.readNode(name);
  if (found === undefined || (machineId && found.status?.nodeInfo?.machineID !== machineId)) return undefined;
  const node = await changeKnown(api, found, (latest) =>
    planDrainCordon(latest, policy.evictDaemonSetPods === true),
  );
  if (node === undefined) return undefined;
  const wasSchedulable = found.spec?.unschedulable !== true;
  const marks = readMarks(found);
  const begunAt = now();
  // A mark that outlived its cordon says nothing of this one.
  const markedAt = wasSchedulable ? undefined : readTime(marks.leaving);
  return {
    node,
    // A declared cordon is not for a drain to lift.
    isOurCordon: wasSchedulable || marks.isPassingCordon,
    cordonedAt: Math.min(begunAt, markedAt ?? begunAt),
    resumedFrom: findBrokenOff(found, policy, begunAt),
  };
}

/** A drain whose time is over would have failed by itself: the next one is a new one, with all its time. */
function findBrokenOff(node: Node, policy: DrainPolicy, now: number): number | undefined {
  const started = readTime(readMarks(node).drainStarted);
  if (started === undefined || started > now || now >= started + policy.timeoutSeconds) return undefined;
  return started;
}

/** Writes down when the drain started, so that a rerun after a kill keeps its deadline. */
export async function stampStart(api: MarkApi, node: Node, startedAt: number): Promise<void> {
  const text = writeTime(startedAt);
  await changeKnown(api, node, (latest) => planDrainStart(latest, text));
}

/** Removes the start, so that the next drain of this Node has all its time; lifts our own cordon when asked to. */
export async function endDrain(api: MarkApi, known: Node, uncordon: boolean): Promise<void> {
  const node = await api.readNode(known.metadata?.name ?? "");
  if (node === undefined || !isSameMachine(known, node)) return;
  await changeKnown(api, node, (latest) => planDrainEnd(latest, uncordon));
}

/** Changes the Node as long as it is the one that is known: another machine's may have its name by now. */
export function changeKnown(api: MarkApi, known: Node, plan: NodePlan): Promise<Node | undefined> {
  return changeNodeRetrying(api, known, (latest) =>
    isSameMachine(known, latest) ? plan(latest) : undefined,
  );
}
