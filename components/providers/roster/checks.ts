// Refuses, at preview, a change that is larger than is likely to be meant, or that brings back a machine unwiped. Pure.
import { resolveMaxRemovals } from "../../model/limits.ts";
import type { LostHost, RosterMember } from "../../model/roster.ts";
import { wantsRejoin } from "./change.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text for each pool that loses more members than its limit allows, and one for a change that leaves none.
 * Removals that are pending count, and alone they are refused by nobody: the run that began them was allowed to.
 */
export function tooManyRemovals(
  olds: RosterInputs | undefined,
  news: RosterInputs,
  pending: readonly RosterMember[] = [],
): string[] {
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
 * Returns one text per pool in which more hosts would be reset and joined again than `maxUnavailable` nodes may be down,
 * by their rejoinTrigger or because their Nodes have vanished; and one when that is every host of several pools.
 */
export function tooManyRejoins(
  olds: RosterInputs | undefined,
  news: RosterInputs,
  vanished: ReadonlySet<string> = new Set(),
): string[] {
  const former = new Map(olds?.members?.map((member) => [member.node, member]));
  const rejoining = news.members.filter((member) => {
    const before = former.get(member.node);
    return vanished.has(member.node) || (before !== undefined && wantsRejoin(before, member));
  });
  const tooMany = news.pools.flatMap(({ name, maxUnavailable }) => {
    const ofPool = rejoining.filter(({ pool }) => pool === name);
    if (ofPool.length <= maxUnavailable) return [];
    return [
      `pool "${name}": ${describeRejoins(ofPool, vanished)}, maxUnavailable is ${maxUnavailable}. ${rejoinRemedy(ofPool, vanished)}`,
    ];
  });
  if (tooMany.length > 0) return tooMany;
  const pools = new Set(rejoining.map(({ pool }) => pool));
  const isAll = rejoining.length === news.members.length && pools.size > 1;
  const isMeant = news.pools.every(
    ({ name, limits }) => !pools.has(name) || limits?.maxRemovals !== undefined,
  );
  if (!isAll || isMeant) return [];
  return [
    `all nodes of the cluster: ${describeRejoins(rejoining, vanished)}. ${rejoinRemedy(rejoining, vanished)}, or set limits.maxRemovals in every pool for this run`,
  ];
}

function describeRejoins(members: readonly RosterMember[], vanished: ReadonlySet<string>): string {
  const [gone, triggered] = [members.filter(isGone), members.filter((member) => !isGone(member))];
  function isGone({ node }: RosterMember): boolean {
    return vanished.has(node);
  }
  const names = (list: readonly RosterMember[]) => list.map(({ node }) => node).join(", ");
  return [
    ...(triggered.length > 0
      ? [`rejoinTrigger changes on ${triggered.length} hosts (${names(triggered)})`]
      : []),
    ...(gone.length > 0
      ? [
          `the Nodes of ${gone.length} hosts are gone (${names(gone)}), which would reset these hosts and join them again`,
        ]
      : []),
  ].join("; ");
}

function rejoinRemedy(members: readonly RosterMember[], vanished: ReadonlySet<string>): string {
  const isGone = members.some(({ node }) => vanished.has(node));
  return isGone
    ? "Restart the kubelet on these hosts (systemctl restart kubelet): each registers its Node again, with its pods. To reset them all the same, raise maxUnavailable"
    : "Change it on fewer hosts in one run, or raise maxUnavailable";
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

/** Returns one text for each lost machine that is declared a member again without a new rejoinTrigger. */
export function unwipedHosts(former: readonly LostHost[], news: RosterInputs): string[] {
  const lost = new Map(former.map(({ node, rejoinTrigger }) => [node, rejoinTrigger]));
  return news.members
    .filter(({ node, rejoinTrigger = "" }) => lost.get(node) === rejoinTrigger)
    .map(
      ({ node }) =>
        `host "${node}" was declared lost, and its machine may still run what it ran then. Give it a new rejoinTrigger: it is reset before it joins`,
    );
}
