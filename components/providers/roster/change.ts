// What a change of the roster does to nodes that run pods: the one list that preview, limits, cordons and pacing read. Pure.
import { isDeepStrictEqual } from "node:util";
import type { AddedTaint } from "../../drain/preview/scene.ts";
import type { Node } from "../../kube/api.ts";
import type { Disruption } from "../../model/disruption.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import type { Hooks } from "../../model/hooks.ts";
import { readMarks } from "../../model/node-marks.ts";
import { leavingPolicy } from "../../model/pool-policy.ts";
import { followPool, type RosterMember, type RosterPool, wantsReboot } from "../../model/roster.ts";
import { poolByStamp } from "../identity.ts";
import type { PendingRemoval, RosterInputs } from "./state.ts";

/** A member whose pods go, why, and how it is drained. */
export interface DisruptedMember extends RosterMember {
  readonly disruption: Disruption;
  readonly drain: DrainPolicy;
  readonly hooks?: Hooks;
}

/** Lists every member whose pods a change moves; each once. Those in `again` are in maintenance and drained once more. */
export function disruptions(
  olds: RosterInputs,
  news: RosterInputs,
  nodes: readonly Node[],
  again: ReadonlySet<string> = new Set(),
): DisruptedMember[] {
  const leaving = leavingMembers(olds, news);
  const known = new Set(leaving.map(({ node }) => node));
  const still = stillLeaving(nodes, olds, news).filter(({ node }) => !known.has(node));
  return [...leaving, ...stayingDisrupted(olds, news, again), ...still];
}

/**
 * Lists the members that are no longer declared in any pool, and those whose removal is still pending; a move between
 * pools is no removal.
 */
export function leavingMembers(olds: RosterInputs, news: RosterInputs): DisruptedMember[] {
  const staying = new Set(news.members.map((member) => member.node));
  const former = new Map<string, PendingRemoval>(
    [...(news.pending ?? []), ...olds.members].map((member) => [member.node, member]),
  );
  return withPolicy(
    [...former.values()].filter((member) => !staying.has(member.node)),
    olds,
    news,
  );
}

/** Tells whether a former member is to be reset and joined again because its rejoinTrigger is another one. */
export function wantsRejoin(
  { rejoinTrigger: former = "" }: RosterMember,
  { rejoinTrigger: declared = "" }: RosterMember,
): boolean {
  return former !== declared;
}

/** Lists former members that are now declared in maintenance, with a new rebootTrigger or with another rejoinTrigger. */
export function stayingDisrupted(
  olds: RosterInputs,
  news: RosterInputs,
  again: ReadonlySet<string> = new Set(),
): DisruptedMember[] {
  const former = new Map(olds.members.map((member) => [member.node, member]));
  const declared = byName(news);
  return news.members.flatMap((member) => {
    const before = former.get(member.node);
    const policy = leavingPolicy(member.node, member.pool, declared);
    if (before === undefined || policy === undefined) return [];
    const isOut = before.maintenance === true && !again.has(member.node);
    const disruption = howDisrupted(before, member, isOut);
    if (disruption === "reboot" && !wantsReboot(before, member)) return [];
    const { maxUnavailable: _, ...how } = policy;
    return [{ ...member, disruption, ...how }];
  });
}

/** Says how a member that stays would be; `isOut` while it is drained already. */
function howDisrupted(before: RosterMember, member: RosterMember, isOut: boolean) {
  if (wantsRejoin(before, member)) return "rejoin";
  return member.maintenance === true && !isOut ? "maintenance" : "reboot";
}

/** Lists the nodes that an earlier run cordoned because they leave, and that did not get away yet. */
export function stillLeaving(
  nodes: readonly Node[],
  olds: RosterInputs,
  news: RosterInputs,
): DisruptedMember[] {
  const known = new Set([...olds.members, ...news.members].map((member) => member.node));
  const stamped = nodes.flatMap((node) => {
    const name = node.metadata?.name ?? "";
    const pool = poolByStamp(node, news.owner);
    const isLeaving = readMarks(node).leaving !== undefined && !known.has(name);
    return isLeaving && pool !== undefined ? [{ node: name, pool }] : [];
  });
  return withPolicy(stamped, olds, news);
}

/** Lists taints of effect NoExecute that nodes which stay get; a changed value counts, because it is not what the pods tolerated so far. */
export function addedTaints(olds: RosterInputs, news: RosterInputs): AddedTaint[] {
  const former = new Map(olds.members.map(({ node, noExecute = [] }) => [node, noExecute]));
  return news.members.flatMap(({ node, noExecute = [] }) => {
    const known = former.get(node);
    const added = noExecute.filter((taint) => !known?.some((other) => isDeepStrictEqual(other, taint)));
    return known === undefined ? [] : added.map((taint) => ({ nodeName: node, taint }));
  });
}

/** Members of a removed pool leave as they were declared last; of a pool unknown to both, nothing can be said. */
function withPolicy(
  members: readonly PendingRemoval[],
  olds: RosterInputs,
  news: RosterInputs,
): DisruptedMember[] {
  const [declared, former] = [byName(news), byName(olds)];
  const lost = new Set(news.lost?.map(({ node }) => node));
  // Once for each pool: thousands of nodes may leave.
  const pools = [...new Set(members.map(({ pool }) => pool))];
  const now = new Map(pools.map((pool) => [pool, poolNow(pool, olds, news)]));
  return members.flatMap((member) => {
    const { hooks: _, ...named } = member;
    const { node } = member;
    const pool = now.get(member.pool) ?? member.pool;
    const policy = leavingPolicy(node, pool, declared) ?? leavingPolicy(node, member.pool, former);
    const { drain, hooks } = policy ?? member;
    const disruption = lost.has(node) ? "lost" : "leaves";
    if (drain === undefined) return [];
    return [{ ...named, pool, disruption, drain, ...(hooks && { hooks }) }];
  });
}

/** Returns the name that a former pool has now. */
export function poolNow(pool: string, olds: RosterInputs | undefined, news: RosterInputs): string {
  const former = new Map(olds?.members.map((member) => [member.node, member.pool]));
  const moves = news.members.flatMap(({ node, pool: to }) => {
    const from = former.get(node);
    return from === undefined ? [] : [{ from, to }];
  });
  return followPool(pool, (one) => news.pools.some(({ name }) => name === one), moves);
}

function byName({ pools }: RosterInputs): ReadonlyMap<string, RosterPool> {
  return new Map(pools.map((pool) => [pool.name, pool]));
}
