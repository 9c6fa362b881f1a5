// Which members a change drains without removing them: for maintenance or a reboot. Pure.
import { leavingPolicy } from "../../model/pool-policy.ts";
import { wantsReboot } from "../membership/wants-reboot.ts";
import type { LeavingMember } from "./leaving.ts";
import type { RosterInputs } from "./state.ts";

/** Lists former members that are now declared in maintenance or with a new rebootTrigger. */
export function drainedMembers(olds: RosterInputs, news: RosterInputs): LeavingMember[] {
  const former = new Map(olds.members.map((member) => [member.node, member]));
  const declared = new Map(news.pools.map((pool) => [pool.name, pool]));
  return news.members.flatMap((member) => {
    const before = former.get(member.node);
    const policy = leavingPolicy(member.node, member.pool, declared);
    if (before === undefined || policy === undefined) return [];
    const enters = member.maintenance === true && before.maintenance !== true;
    const fate = enters ? "maintenance" : "reboot";
    return enters || wantsReboot(before, member) ? [{ ...member, fate, drain: policy.drain }] : [];
  });
}
