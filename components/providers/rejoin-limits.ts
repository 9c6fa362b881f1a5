// How many hosts a change may reset and join again: asked at preview by the roster, and again before the first of them is
// drained, because the roster of an `up` without preview is asked about only when they have joined.
import { listNames } from "../drain/report.ts";
import type { Refusal } from "../model/declaration-fact.ts";
import { durations } from "../model/durations.ts";
import type { PoolLimits } from "../model/limits.ts";
import type { Operation } from "./operation.ts";

/** A declared member, as far as the limits go. */
interface Member {
  readonly node: string;
  readonly pool: string;
}

/** All that is declared, as far as the limits go. */
interface Declared {
  readonly members: readonly Member[];
  readonly pools: readonly {
    readonly name: string;
    readonly maxUnavailable: number;
    readonly limits?: PoolLimits;
  }[];
}

/**
 * Returns one refusal per pool in which more hosts would be reset and joined again than `maxUnavailable` nodes may be down,
 * by their rejoinTrigger or because their Nodes have vanished; and one when that is every host of several pools. Pure.
 */
export function explainRejoins(
  rejoining: readonly Member[],
  declared: Declared,
  vanished: ReadonlySet<string>,
): Refusal[] {
  const tooMany = declared.pools.flatMap(({ name, maxUnavailable }) => {
    const ofPool = rejoining.filter(({ pool }) => pool === name);
    if (ofPool.length <= maxUnavailable) return [];
    return [
      {
        reason: `pool "${name}": ${describeRejoins(ofPool, vanished)}, maxUnavailable is ${maxUnavailable}. ${rejoinRemedy(ofPool, vanished)}`,
        rule: "maxUnavailable",
        pool: name,
        nodes: ofPool.map(({ node }) => node),
        asked: ofPool.length,
        allowed: maxUnavailable,
        yaml: `maxUnavailable: ${ofPool.length}`,
      },
    ];
  });
  if (tooMany.length > 0) return tooMany;
  const pools = new Set(rejoining.map(({ pool }) => pool));
  const isAll = rejoining.length === declared.members.length && pools.size > 1;
  const isMeant = declared.pools.every(
    ({ name, limits }) => !pools.has(name) || limits?.maxRemovals !== undefined,
  );
  if (!isAll || isMeant) return [];
  return [
    {
      reason: `all nodes of the cluster: ${describeRejoins(rejoining, vanished)}. ${rejoinRemedy(rejoining, vanished)}, or set limits.maxRemovals in every pool for this run`,
      rule: "limits.maxRemovals",
      nodes: rejoining.map(({ node }) => node),
      asked: rejoining.length,
      allowed: rejoining.length - 1,
    },
  ];
}

function describeRejoins(members: readonly Member[], vanished: ReadonlySet<string>): string {
  const isGone = ({ node }: Member) => vanished.has(node);
  const [gone, triggered] = [members.filter(isGone), members.filter((member) => !isGone(member))];
  const names = (list: readonly Member[]) => listNames(list.map(({ node }) => node));
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

function rejoinRemedy(members: readonly Member[], vanished: ReadonlySet<string>): string {
  const isGone = members.some(({ node }) => vanished.has(node));
  return isGone
    ? "Restart the kubelet on these hosts (systemctl restart kubelet): each registers its Node again, with its pods. To reset them all the same, raise maxUnavailable"
    : "Change it on fewer hosts in one run, or raise maxUnavailable";
}

/**
 * Fails before a member is drained to be joined again when too many are at once. Waits until the engine has told what
 * becomes of the others; asked of members that were Ready once, since a join that was interrupted is no rejoin.
 */
export async function requireRejoinAllowed(
  operation: Operation,
  { node }: { readonly node: string },
): Promise<void> {
  const { told } = operation;
  if (!told.isDeclared(node)) return;
  told.rejoins(node);
  const { silence, deletions } = durations.providers.rejoinsTold;
  await told.settled(silence);
  // The deletions of the others follow their diffs.
  await operation.clock.sleep(deletions);
  const roster = told.roster();
  const { all, vanished } = told.rejoining();
  const rejoining = roster.members.filter((member) => all.has(member.node));
  const [tooMany] = explainRejoins(rejoining, roster, vanished);
  if (tooMany !== undefined)
    throw new Error(`joining node "${node}" again: refused before its drain. ${tooMany.reason}`);
}
