// Refuses, at preview, a change that would take more of a pool down than it allows. Pure.
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text per pool in which more rejoinTriggers change than `maxUnavailable` nodes may be down: each host is
 * drained, reset and joined on its own, so that all of them would be gone at once.
 */
export function tooManyRejoins(olds: RosterInputs | undefined, news: RosterInputs): string[] {
  const former = new Map(olds?.members?.map((member) => [member.node, member.rejoinTrigger ?? ""]));
  return news.pools.flatMap(({ name, maxUnavailable }) => {
    const rejoining = news.members.filter(
      ({ node, pool, rejoinTrigger = "" }) =>
        pool === name && former.has(node) && former.get(node) !== rejoinTrigger,
    );
    if (rejoining.length <= maxUnavailable) return [];
    const names = rejoining.map(({ node }) => node).join(", ");
    return [
      `pool "${name}": rejoinTrigger changes on ${rejoining.length} hosts (${names}), maxUnavailable is ${maxUnavailable}. Change it on fewer hosts in one run, or raise maxUnavailable`,
    ];
  });
}
