// What was there before a change: the state's members, and those whose removal a failed run has left pending. A roster
// that is new, after `stack rename`, `state delete` or half a `destroy`, finds its former members by their stamps.
import type { Node } from "../../kube/api.ts";
import { hashOwner } from "../../model/mark-values.ts";
import { readMarks } from "../../model/node-marks.ts";
import type { LostHost, RosterMember } from "../../model/roster.ts";
import { identify, nodeNamed, poolByStamp } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { PendingRemoval, RosterInputs } from "./state.ts";

/** What a change starts from. */
export interface Former {
  /** The roster with the pending removals among its members; its pools are the declared ones when it is new. */
  readonly roster: RosterInputs;
  /** Removals that are pending from earlier runs. */
  readonly pending: readonly PendingRemoval[];
  /** True when there is no roster in state. */
  readonly isNew: boolean;
}

/** Puts it together; without an answer of the cluster what the state says holds. */
export async function findFormer(
  operation: Operation,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<Former> {
  const nodes = await operation.nodes().catch(() => undefined);
  const owners = [...new Set([news.owner, ...(olds ? [olds.owner] : []), ...operation.told.owners()])];
  const found = nodes && findLeaving(nodes, owners, olds === undefined);
  const kept = (olds?.pending ?? []).filter(
    ({ node }) => nodes === undefined || isThere(nodes, node, owners),
  );
  const known = new Set([...news.members, ...(olds?.members ?? []), ...kept].map(({ node }) => node));
  const pending = [
    ...kept.filter(({ node }) => !news.members.some((member) => member.node === node)),
    ...(found ?? []).filter(({ node }) => !known.has(node)),
  ];
  // What a new roster declares and finds is compared with itself.
  const adopted = news.members.filter(({ node }) => found?.some((member) => member.node === node));
  const members = [...(olds?.members ?? adopted), ...pending];
  return { roster: { ...(olds ?? news), members }, pending, isNew: olds === undefined };
}

/**
 * Leaves out the former members that another stack has taken over and this one no longer declares: when a pool moves
 * between stacks, nothing is removed. Without an answer of the cluster all stay.
 */
export async function withoutTakenOver<Roster extends RosterInputs>(
  operation: Operation,
  olds: Roster,
  news: RosterInputs,
): Promise<Roster> {
  const declared = new Set(news.members.map(({ node }) => node));
  const gone = olds.members.filter(({ node }) => !declared.has(node));
  if (gone.length === 0) return olds;
  const nodes = await operation.nodes().catch(() => []);
  const owners = new Set([news.owner, olds.owner, ...operation.told.owners()].map(hashOwner));
  const isTaken = (member: RosterMember) => {
    const stamp = readMarks(nodeNamed(nodes, member.node) ?? {}).owner;
    return stamp?.guarded === true && !owners.has(stamp.hash);
  };
  const taken = new Set(gone.filter(isTaken));
  return taken.size === 0 ? olds : { ...olds, members: olds.members.filter((member) => !taken.has(member)) };
}

/** A Node that is gone, or another stack's by now, waits for no removal. */
function isThere(nodes: readonly Node[], name: string, owners: readonly string[]): boolean {
  const node = nodeNamed(nodes, name);
  const identities = owners.map((owner) => identify(node, { owner }).kind);
  return identities.includes("ours") || identities.includes("unstamped");
}

/** Lists Nodes with the stack's stamp: all, or those that an earlier run has marked as leaving. */
function findLeaving(nodes: readonly Node[], owners: readonly string[], all: boolean): RosterMember[] {
  return nodes.flatMap((node) => {
    const pool = owners.map((owner) => poolByStamp(node, owner)).find((known) => known !== undefined);
    if (pool === undefined || !(all || readMarks(node).leaving !== undefined)) return [];
    return [{ node: node.metadata?.name ?? "", pool }];
  });
}

/**
 * Lists the hosts that are remembered as lost: a lost host whose stamped Node is still there was never given up, and
 * one that is declared anything else is forgotten then.
 */
export async function rememberedLost(
  operation: Operation,
  olds: RosterInputs | undefined,
): Promise<readonly LostHost[]> {
  const lost = olds?.lost ?? [];
  if (olds === undefined || lost.length === 0) return lost;
  const nodes = await operation.nodes().catch(() => []);
  return lost.filter(({ node }) => {
    const found = nodeNamed(nodes, node);
    return found === undefined || poolByStamp(found, olds.owner) === undefined;
  });
}
