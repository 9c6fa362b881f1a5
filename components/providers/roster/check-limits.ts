// Refuses, at preview, a change that removes more nodes than is likely to be meant. Pure.
import { resolveMaxRemovals } from "../../model/limits.ts";
import type { RosterInputs, RosterMember } from "./state.ts";

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
