// Cordons all nodes that leave before any is drained, and lifts that cordon from those that are declared again.
import type { Node } from "../kube/api.ts";
import { changeNodeRetrying, type NodePlan } from "../kube/change-node.ts";
import { writeTime } from "../model/clock.ts";
import { carriesStaleMark, planLeaving, planWithoutStaleMarks } from "../model/mark-changes.ts";
import type { RosterMember } from "../model/roster.ts";
import { requireApproved } from "./approval.ts";
import { identify, poolByStamp } from "./identity.ts";
import type { Operation } from "./operation.ts";
import type { Progress } from "./progress.ts";
import { beginDisruption } from "./verification/verify.ts";

/** A node that leaves; its machine id where it is known. */
export interface LeavingNode {
  readonly node: string;
  readonly machineId?: string;
  readonly pool?: string;
}

/** Cordons all leaving nodes and says so. */
export async function cordonLeaving(
  operation: Operation,
  leaving: readonly LeavingNode[],
  owner: string,
  progress: Progress,
): Promise<void> {
  if (leaving.length === 0) return;
  for (const { node } of leaving) await requireApproved(operation, { node, owner }, "leaves");
  const cordoned = await markLeaving(operation, leaving, owner);
  if (cordoned.length === 0) return;
  await progress.say(
    `cordoned before the first drain: ${cordoned.map((node) => node.metadata?.name).join(", ")}`,
  );
}

/**
 * Cordons the nodes that are ours, unless a check of the stack does not hold, and marks the cordon as ours; a cordon of someone else stays theirs. A Node without a
 * stamp is ours where its machine is known to be. Returns those that were schedulable.
 */
export async function markLeaving(
  operation: Operation,
  leaving: readonly LeavingNode[],
  owner: string,
): Promise<readonly Node[]> {
  const nodes = await ownNodes(operation, leaving, owner);
  // Machines that are lost are down already: what that broke must not keep them.
  if (nodes.some(({ metadata }) => !operation.declaration.isLost(metadata?.name ?? "")))
    await beginDisruption(operation);
  const time = writeTime(operation.clusterTime());
  const pools = new Map(leaving.map(({ node, pool }) => [node, pool]));
  await changeAll(operation, nodes, (node) => planLeaving(node, time, pools.get(node.metadata?.name ?? "")));
  return nodes.filter(({ spec }) => spec?.unschedulable !== true);
}

/**
 * Cordons what leaves in this change before a node that stays is drained, rebooted or rejoined: the engine asks about the
 * roster only afterwards. Once per command. Leaving are the Nodes with this stack's stamp that the stack config does not
 * declare, or the program when the config has no pools; the pools of a program that declares others than its config has
 * are left alone.
 */
export async function cordonChange(operation: Operation, progress: Progress): Promise<void> {
  if (operation.declaration.roster !== undefined) return;
  await operation.once("cordons of the change", () => cordonUndeclared(operation, progress));
}

async function cordonUndeclared(operation: Operation, progress: Progress): Promise<void> {
  const { configured } = operation.declaration;
  const { told } = operation;
  // Of a program whose pools are not in the config, the engine tells; a node that it has not told of yet may stay.
  if (configured === undefined && !(await told.settled())) return;
  const members = new Set(configured?.members.map(({ node }) => node));
  const pools = new Set(configured?.pools.map(({ name }) => name));
  const isCovered = (pool: string) => configured === undefined || pools.has(pool) || !told.hasPool(pool);
  for (const owner of told.owners()) {
    const leaving = (await operation.nodes()).filter((node) => {
      const pool = poolByStamp(node, owner);
      const name = node.metadata?.name ?? "";
      const isOurs = pool !== undefined && isCovered(pool);
      return isOurs && !members.has(name) && !told.isDeclared(name);
    });
    const names = leaving.map(({ metadata }) => ({ node: metadata?.name ?? "" }));
    await cordonLeaving(operation, names, owner, progress);
  }
}

/**
 * Tells whether a declared member carries a mark that no longer matches its declaration; false when the cluster cannot
 * be asked, which the enrollments' diffs have said by then.
 */
export async function isStaleMarkLeft(
  operation: Operation,
  members: readonly RosterMember[],
  owner: string,
): Promise<boolean> {
  try {
    const nodes = await ownNodes(operation, members, owner);
    const declared = byNode(members);
    return nodes.some((node) => carriesStaleMark(node, declared.get(node.metadata?.name ?? "")));
  } catch {
    return false;
  }
}

/** Uncordons declared members that an earlier run cordoned because they were leaving or to be rebooted. */
export async function clearStaleMarks(
  operation: Operation,
  members: readonly RosterMember[],
  owner: string,
): Promise<void> {
  const nodes = await ownNodes(operation, members, owner);
  const declared = byNode(members);
  await changeAll(operation, nodes, (node) =>
    planWithoutStaleMarks(node, declared.get(node.metadata?.name ?? "")),
  );
}

function byNode(members: readonly RosterMember[]): ReadonlyMap<string, RosterMember> {
  return new Map(members.map((member) => [member.node, member]));
}

async function ownNodes(
  operation: Operation,
  wanted: readonly LeavingNode[],
  owner: string,
): Promise<Node[]> {
  const machines = new Map(wanted.map(({ node, machineId }) => [node, machineId]));
  const nodes = await operation.nodes();
  return nodes.filter((node) => {
    const name = node.metadata?.name ?? "";
    if (!machines.has(name)) return false;
    const machineId = machines.get(name);
    const { kind } = identify(node, { owner, ...(machineId !== undefined && { machineId }) });
    return kind === "ours" || (kind === "unstamped" && machineId !== undefined);
  });
}

/** Decides on each Node as it is: on a newer one again when another writer was faster. */
async function changeAll(operation: Operation, nodes: readonly Node[], plan: NodePlan): Promise<void> {
  await Promise.all(nodes.map((node) => changeNodeRetrying(operation.kube, node, plan)));
}
