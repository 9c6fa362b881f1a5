// Refuses, at preview, a change that is larger than is likely to be meant, or that brings back a machine unwiped. Pure.
import { listNames } from "../../drain/report.ts";
import type { Refusal } from "../../model/declaration-fact.ts";
import { resolveMaxRemovals } from "../../model/limits.ts";
import type { LostHost, RosterMember } from "../../model/roster.ts";
import { explainRejoins } from "../rejoin-limits.ts";
import { poolNow, wantsRejoin } from "./change.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one refusal for each pool that loses more members than its limit allows, and one for a change that leaves none.
 * Removals that are pending count, and alone they are refused by nobody: the run that began them was allowed to.
 */
export function tooManyRemovals(
  olds: RosterInputs | undefined,
  news: RosterInputs,
  pending: readonly RosterMember[] = [],
): Refusal[] {
  const former = olds?.members ?? [];
  const staying = new Set(news.members.map(({ node }) => node));
  const begun = new Set(pending.map(({ node }) => node));
  const isNew = ({ node }: RosterMember) => !staying.has(node) && !begun.has(node);
  if (!former.some(isNew)) return [];
  const byPool = Map.groupBy(former, ({ pool }) => pool);
  const tooMany = [...byPool].flatMap(([pool, members]) => {
    const leaving = members.filter(({ node }) => !staying.has(node));
    return leaving.some(isNew) ? (explainExcess(pool, members.length, leaving, olds, news) ?? []) : [];
  });
  return tooMany.length > 0 ? tooMany : explainEmptying(former, staying, news);
}

function explainExcess(
  pool: string,
  size: number,
  leaving: readonly RosterMember[],
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Refusal | undefined {
  const current = poolNow(pool, olds, news);
  const declared = news.pools.find(({ name }) => name === current);
  const limits = (declared ?? olds?.pools.find(({ name }) => name === pool))?.limits;
  const allowed = resolveMaxRemovals(limits, size);
  if (leaving.length <= allowed) return undefined;
  const nodes = leaving.map(({ node }) => node);
  const remedy = declared
    ? `If that is meant, set limits.maxRemovals: ${nodes.length} in pool "${current}" for this run`
    : `If that is meant, keep pool "${pool}" declared with count: 0 and limits.maxRemovals: ${nodes.length} for this run, and delete its entry in the next`;
  return {
    reason: `pool "${pool}": ${nodes.length} of ${size} nodes leave (${listNames(nodes)}), limits.maxRemovals allows ${allowed}. ${remedy}`,
    rule: "limits.maxRemovals",
    pool: declared ? current : pool,
    nodes,
    asked: nodes.length,
    allowed,
    yaml: `limits: { maxRemovals: ${nodes.length} }`,
  };
}

/** Small pools are within their limits one by one: that must not add up to a cluster without nodes. */
function explainEmptying(
  former: readonly RosterMember[],
  staying: ReadonlySet<string>,
  news: RosterInputs,
): Refusal[] {
  if (former.length === 0 || staying.size > 0) return [];
  const pools = new Set(former.map(({ pool }) => pool));
  const isMeant = [...pools].every((pool) =>
    news.pools.some(({ name, limits }) => name === pool && limits?.maxRemovals !== undefined),
  );
  if (isMeant) return [];
  const gone = [...pools].filter((pool) => !news.pools.some(({ name }) => name === pool));
  const kept = gone.length > 0 ? `, with ${listNames(gone)} kept declared with count: 0 until the next` : "";
  return [
    {
      reason: `all ${former.length} nodes of the cluster leave. If that is meant, run \`pulumi destroy\`, or set limits.maxRemovals in every pool for this run${kept}`,
      rule: "limits.maxRemovals",
      nodes: former.map(({ node }) => node),
      asked: former.length,
      allowed: former.length - 1,
    },
  ];
}

/** Returns what {@link explainRejoins} says of a change of the roster. */
export function tooManyRejoins(
  olds: RosterInputs | undefined,
  news: RosterInputs,
  vanished: ReadonlySet<string> = new Set(),
): Refusal[] {
  const former = new Map(olds?.members?.map((member) => [member.node, member]));
  const rejoining = news.members.filter((member) => {
    const before = former.get(member.node);
    return vanished.has(member.node) || (before !== undefined && wantsRejoin(before, member));
  });
  return explainRejoins(rejoining, news, vanished);
}

/**
 * Lists the hosts that are declared lost, and those that once were and have not been wiped since. The list goes along
 * from inputs to inputs, because nothing else outlives a machine that is gone.
 */
export function carryLost(former: readonly LostHost[], news: RosterInputs): readonly LostHost[] {
  const declared = new Map((news.lost ?? []).map((host) => [host.node, host]));
  const remembered = former.filter(
    ({ node }) => !declared.has(node) && !news.members.some((member) => member.node === node),
  );
  return [...declared.values(), ...remembered].sort((one, other) => (one.node < other.node ? -1 : 1));
}

/** Returns one refusal for each lost machine that is declared a member again without a new rejoinTrigger. */
export function unwipedHosts(former: readonly LostHost[], news: RosterInputs): Refusal[] {
  const lost = new Map(former.map(({ node, rejoinTrigger }) => [node, rejoinTrigger]));
  return news.members
    .filter(({ node, rejoinTrigger = "" }) => lost.get(node) === rejoinTrigger)
    .map(({ node, pool }) => ({
      reason: `host "${node}" was declared lost, and its machine may still run what it ran then. Give it a new rejoinTrigger: it is reset before it joins`,
      rule: "rejoinTrigger",
      pool,
      nodes: [node],
    }));
}
