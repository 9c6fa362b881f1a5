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
  const stamp = { annotations: { [leavingAnnotation]: new Date().toISOString() }, unschedulable: true };
  await changeAll(api, nodes, (node) => (node.spec?.unschedulable === true ? undefined : stamp));
  if (nodes.length === 0) return;
  await progress.say(
    `cordoned before the first drain: ${nodes.map((node) => node.metadata?.name).join(", ")}`,
  );
}

/** Uncordons declared members that an earlier run cordoned because they were leaving. */
export async function welcomeBack(
  api: KubeApi,
  members: readonly RosterMember[],
  owner: string,
): Promise<void> {
  const nodes = await ownNodes(api, members, owner);
  const lift = { annotations: { [leavingAnnotation]: null }, unschedulable: false };
  await changeAll(api, nodes, (node) =>
    node.metadata?.annotations?.[leavingAnnotation] === undefined ? undefined : lift,
  );
}

async function ownNodes(api: KubeApi, members: readonly RosterMember[], owner: string): Promise<Node[]> {
  const names = new Set(members.map((member) => member.node));
  const nodes = await recentNodes(api);
  return nodes.filter(
    (node) => names.has(node.metadata?.name ?? "") && node.metadata?.annotations?.[ownerAnnotation] === owner,
  );
}

/** Decides on each Node as it is: on a newer one again when another writer was faster. */
type Plan = (node: Node) => NodeChange | undefined;

async function changeAll(api: KubeApi, nodes: readonly Node[], plan: Plan): Promise<void> {
  await Promise.all(nodes.map((node) => changeRetrying(api, node, plan)));
}

async function changeRetrying(api: KubeApi, seen: Node, plan: Plan): Promise<void> {
  let node: Node | undefined = seen;
  for (let attempt = 1; node !== undefined; attempt++) {
    const change = plan(node);
    if (change === undefined) return;
    try {
      await api.changeNode(node, change);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
    node = await api.readNode(seen.metadata?.name ?? "");
  }
}
