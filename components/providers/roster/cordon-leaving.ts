// Cordons all nodes that leave before any is drained, and lifts that cordon from those that are declared again.
import type { KubeApi, Node, NodeChange } from "../../kube/api.ts";
import { isConflict } from "../../kube/kube-error.ts";
import { leavingAnnotation, ownerAnnotation } from "../../model/owner.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import type { RosterMember } from "./state.ts";

const attempts = 5;

/** Cordons the leaving members that are ours and marks the cordon as ours; a cordon of someone else stays theirs. */
export async function cordonLeaving(
  api: KubeApi,
  leaving: readonly RosterMember[],
  owner: string,
  progress: Progress,
): Promise<void> {
  if (leaving.length === 0) return;
  const nodes = await ownNodes(api, leaving, owner);
  const schedulable = nodes.filter((node) => node.spec?.unschedulable !== true);
  const stamp = { annotations: { [leavingAnnotation]: new Date().toISOString() }, unschedulable: true };
  await Promise.all(schedulable.map((node) => changeRetrying(api, node, stamp)));
  await progress.say(`cordoned before the first drain: ${leaving.map((member) => member.node).join(", ")}`);
}

/** Uncordons declared members that an earlier run cordoned because they were leaving. */
export async function welcomeBack(
  api: KubeApi,
  members: readonly RosterMember[],
  owner: string,
): Promise<void> {
  const nodes = await ownNodes(api, members, owner);
  const marked = nodes.filter((node) => node.metadata?.annotations?.[leavingAnnotation] !== undefined);
  const lift = { annotations: { [leavingAnnotation]: null }, unschedulable: false };
  await Promise.all(marked.map((node) => changeRetrying(api, node, lift)));
}

async function ownNodes(api: KubeApi, members: readonly RosterMember[], owner: string): Promise<Node[]> {
  const names = new Set(members.map((member) => member.node));
  const nodes = await recentNodes(api);
  return nodes.filter(
    (node) => names.has(node.metadata?.name ?? "") && node.metadata?.annotations?.[ownerAnnotation] === owner,
  );
}

async function changeRetrying(api: KubeApi, seen: Node, change: NodeChange): Promise<void> {
  let node: Node | undefined = seen;
  for (let attempt = 1; node !== undefined; attempt++) {
    try {
      await api.changeNode(node, change);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
    node = await api.readNode(seen.metadata?.name ?? "");
  }
}
