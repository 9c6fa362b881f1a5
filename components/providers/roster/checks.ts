// Refuses, at preview, a change that is larger than is likely to be meant, or that brings back a machine unwiped. Pure.
import { resolveMaxRemovals } from "../../model/limits.ts";
import type { LostHost, RosterMember } from "../../model/roster.ts";
import type { RosterInputs } from "./state.ts";

/** Returns one text for each pool that loses more members than its limit allows, and one for a change that leaves none. */
export function tooManyRemovals(olds: RosterInputs | undefined, news: RosterInputs): string[] {
  const former = olds?.members ?? [];
  const staying = new Set(news.members.map(({ node }) => node));
  const byPool = Map.groupBy(former, ({ pool }) => pool);
  const tooMany = [...byPool].flatMap(([pool, members]) => {
    const leaving = members.filter(({ node }) => !staying.has(node));
    return explainExcess(pool, members.length, leaving, olds, news) ?? [];
  });
  return tooMany.length > 0 ? tooMany : explainEmptying(former, staying, news);
}

function explainExcess(
  pool: string,
  size: number,
  leaving: readonly RosterMember[],
  olds: RosterInputs | undefined,
  news: RosterInputs,
): string | undefined {
  const declared = news.pools.find(({ name }) => name === pool);
  const limits = (declared ?? olds?.pools.find(({ name }) => name === pool))?.limits;
  const allowed = resolveMaxRemovals(limits, size);
  if (leaving.length <= allowed) return undefined;
  const names = leaving.map(({ node }) => node).join(", ");
  const remedy = declared
    ? `If that is meant, set limits.maxRemovals: ${leaving.length} in pool "${pool}" for this run`
    : `If that is meant, keep pool "${pool}" declared with count: 0 and limits.maxRemovals: ${leaving.length} for this run, and delete its entry in the next`;
  return `pool "${pool}": ${leaving.length} of ${size} nodes leave (${names}), limits.maxRemovals allows ${allowed}. ${remedy}`;
}

/** Small pools are within their limits one by one: that must not add up to a cluster without nodes. */
function explainEmptying(
  former: readonly RosterMember[],
  staying: ReadonlySet<string>,
  news: RosterInputs,
): string[] {
  if (former.length === 0 || staying.size > 0) return [];
  const pools = new Set(former.map(({ pool }) => pool));
  const isMeant = [...pools].every((pool) =>
    news.pools.some(({ name, limits }) => name === pool && limits?.maxRemovals !== undefined),
  );
  if (isMeant) return [];
  return [
    `all ${former.length} nodes of the cluster leave. If that is meant, run \`pulumi destroy\`, or set limits.maxRemovals in every pool for this run`,
  ];
}

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

/**
 * Lists the hosts that are declared lost, and those that once were and have not been wiped since. The list goes along
 * from inputs to inputs, because nothing else outlives a machine that is gone.
 */
export function carryLost(olds: RosterInputs | undefined, news: RosterInputs): readonly LostHost[] {
  const declared = new Map((news.lost ?? []).map((host) => [host.node, host]));
  const remembered = (olds?.lost ?? []).filter(
    ({ node }) => !declared.has(node) && !news.members.some((member) => member.node === node),
  );
  return [...declared.values(), ...remembered].sort((one, other) => (one.node < other.node ? -1 : 1));
}

/** Returns one text for each lost machine that is declared a member again without a new rejoinTrigger. */
export function unwipedHosts(olds: RosterInputs | undefined, news: RosterInputs): string[] {
  const lost = new Map((olds?.lost ?? []).map(({ node, rejoinTrigger }) => [node, rejoinTrigger]));
  return news.members
    .filter(({ node, rejoinTrigger = "" }) => lost.get(node) === rejoinTrigger)
    .map(
      ({ node }) =>
        `host "${node}" was declared lost, and its machine may still run what it ran then. Give it a new rejoinTrigger: it is reset before it joins`,
    );
}
