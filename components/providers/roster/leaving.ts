// Which members a change removes. Pure.
import type { RosterInputs, RosterMember } from "./state.ts";

/** Lists the members that are no longer declared in any pool; a move between pools is no removal. */
export function leavingMembers(olds: RosterInputs, news: RosterInputs): RosterMember[] {
  const staying = new Set(news.members.map((member) => member.node));
  return olds.members.filter((member) => !staying.has(member.node));
}
