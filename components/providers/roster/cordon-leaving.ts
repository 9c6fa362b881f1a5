// Cordons all nodes that leave before any is drained, and lifts that cordon from those that are declared again.
import { planWithoutLeavingTaint } from "../../drain/begin-drain.ts";
import type { KubeApi, Node } from "../../kube/api.ts";
import { changeNodeRetrying, type NodePlan } from "../../kube/change-node.ts";
import { isOwnCordon } from "../../model/own-cordon.ts";
import {
  cordonedAnnotation,
  drainStartedAnnotation,
  leavingAnnotation,
  leavingTaintKey,
  ownerAnnotation,
  rebootingAnnotation,
} from "../../model/owner.ts";
import { parseRebootMark } from "../../model/reboot-mark.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import type { RosterMember } from "./state.ts";

/** Cordons all leaving members and says so. */
export async function cordonLeaving(
  api: KubeApi,
  leaving: readonly RosterMember[],
  owner: string,
  progress: Progress,
): Promise<void> {
  if (leaving.length === 0) return;
  const nodes = await markLeaving(api, leaving, owner);
  if (nodes.length === 0) return;
  await progress.say(
    `cordoned before the first drain: ${nodes.map((node) => node.metadata?.name).join(", ")}`,
  );
}

/** Cordons the members that are ours and marks the cordon as ours; a cordon of someone else stays theirs. */
export async function markLeaving(
  api: KubeApi,
  leaving: readonly RosterMember[],
  owner: string,
): Promise<readonly Node[]> {
  const nodes = await ownNodes(api, leaving, owner);
  const stamp = { annotations: { [leavingAnnotation]: new Date().toISOString() }, unschedulable: true };
  await changeAll(api, nodes, (node) => (node.spec?.unschedulable === true ? undefined : stamp));
  return nodes;
}

/**
 * Tells whether a declared member still carries the mark of an earlier run that wanted to remove it; false when the
 * cluster cannot be asked, which the enrollments' diffs have said by then.
 */
export async function isMarkLeft(
  connect: () => KubeApi,
  members: readonly RosterMember[],
  owner: string,
): Promise<boolean> {
  try {
    const nodes = await ownNodes(connect(), members, owner);
    return nodes.some((node) => carriesOldMark(node, members));
  } catch {
    return false;
  }
}

/** Uncordons declared members that an earlier run cordoned because they were leaving or to be rebooted. */
export async function welcomeBack(
  api: KubeApi,
  members: readonly RosterMember[],
  owner: string,
): Promise<void> {
  const nodes = await ownNodes(api, members, owner);
  const annotations = {
    [leavingAnnotation]: null,
    [drainStartedAnnotation]: null,
    [rebootingAnnotation]: null,
  };
  await changeAll(api, nodes, (node) => {
    if (!carriesOldMark(node, members)) return undefined;
    if (!isOwnCordon(node.metadata?.annotations)) return { annotations, ...planWithoutLeavingTaint(node) };
    const unschedulable = isDeclaredCordoned(node, members);
    const kept = { [cordonedAnnotation]: unschedulable ? "declared" : null };
    return { annotations: { ...annotations, ...kept }, unschedulable, ...planWithoutLeavingTaint(node) };
  });
}

/** Tells whether the Node is marked for what is declared no more; a reboot that failed is declared still. */
function carriesOldMark(node: Node, members: readonly RosterMember[]): boolean {
  const { annotations = {} } = node.metadata ?? {};
  const reboot = parseRebootMark(annotations);
  const isDue = reboot !== undefined && reboot.trigger === declarationOf(node, members)?.rebootTrigger;
  const isOld = annotations[cordonedAnnotation] !== undefined && !isDeclaredCordoned(node, members);
  const isMarked = isOld || annotations[leavingAnnotation] !== undefined || (reboot !== undefined && !isDue);
  const isTainted = node.spec?.taints?.some(({ key }) => key === leavingTaintKey) === true;
  return isMarked || (isTainted && declarationOf(node, members)?.maintenance !== true && !isDue);
}

function isDeclaredCordoned(node: Node, members: readonly RosterMember[]): boolean {
  const { cordoned, maintenance } = declarationOf(node, members) ?? {};
  return cordoned === true || maintenance === true;
}

function declarationOf(node: Node, members: readonly RosterMember[]): RosterMember | undefined {
  return members.find((member) => member.node === node.metadata?.name);
}

async function ownNodes(api: KubeApi, members: readonly RosterMember[], owner: string): Promise<Node[]> {
  const names = new Set(members.map((member) => member.node));
  const nodes = await recentNodes(api);
  return nodes.filter(
    (node) => names.has(node.metadata?.name ?? "") && node.metadata?.annotations?.[ownerAnnotation] === owner,
  );
}

/** Decides on each Node as it is: on a newer one again when another writer was faster. */
async function changeAll(api: KubeApi, nodes: readonly Node[], plan: NodePlan): Promise<void> {
  await Promise.all(nodes.map((node) => changeNodeRetrying(api, node, plan)));
}
