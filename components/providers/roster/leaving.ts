// Which members a change removes. Pure.

import type { Node } from "../../kube/api.ts";
import type { Disruption } from "../../model/disruption.ts";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import { leavingAnnotation, ownerAnnotation, poolAnnotation } from "../../model/owner.ts";
import { leavingPolicy } from "../../model/pool-policy.ts";
import type { RosterInputs, RosterMember, RosterPool } from "./state.ts";

/** A member whose pods go, why, and how it is drained. */
export interface LeavingMember extends RosterMember {
  readonly fate: Disruption;
  readonly drain: DrainPolicy;
}

/** Lists the members that are no longer declared in any pool; a move between pools is no removal. */
export function leavingMembers(olds: RosterInputs, news: RosterInputs): LeavingMember[] {
  const staying = new Set(news.members.map((member) => member.node));
  return withPolicy(
    olds.members.filter((member) => !staying.has(member.node)),
    olds,
    news,
  );
}

/** Lists the nodes that an earlier run cordoned because they leave, and that did not get away yet. */
export function stillLeaving(
  nodes: readonly Node[],
  olds: RosterInputs,
  news: RosterInputs,
): LeavingMember[] {
  const known = new Set([...olds.members, ...news.members].map((member) => member.node));
  const stamped = nodes.flatMap(({ metadata }) => {
    const {
      [leavingAnnotation]: since,
      [ownerAnnotation]: owner,
      [poolAnnotation]: pool,
    } = metadata?.annotations ?? {};
    const isOurs = owner === news.owner && since !== undefined && !known.has(metadata?.name ?? "");
    return isOurs && pool !== undefined ? [{ node: metadata?.name ?? "", pool }] : [];
  });
  return withPolicy(stamped, olds, news);
}

/** Members of a removed pool leave as they were declared last; of a pool unknown to both, nothing can be said. */
function withPolicy(
  members: readonly RosterMember[],
  olds: RosterInputs,
  news: RosterInputs,
): LeavingMember[] {
  const [declared, former] = [byName(news), byName(olds)];
  const lost = new Set(news.lost?.map(({ node }) => node));
  return members.flatMap((member) => {
    const { node, pool } = member;
    const policy = leavingPolicy(node, pool, declared) ?? leavingPolicy(node, pool, former);
    const fate = lost.has(node) ? "lost" : "leaves";
    return policy === undefined ? [] : [{ ...member, fate, drain: policy.drain }];
  });
}

function byName({ pools }: RosterInputs): ReadonlyMap<string, RosterPool> {
  return new Map(pools.map((pool) => [pool.name, pool]));
}
