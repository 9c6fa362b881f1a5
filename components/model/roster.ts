// The members of a cluster and how its pools let them go, as declared in one piece. Pure.
import type { HostState } from "./host.ts";
import type { PoolLimits } from "./limits.ts";
import type { PoolPolicy } from "./pool-policy.ts";
import type { Taint } from "./taint.ts";

/** Names one declared member. */
export interface RosterMember {
  readonly node: string;
  readonly pool: string;
  /** The host's rejoinTrigger; absent in older states. */
  readonly rejoinTrigger?: string;
  /** The host's rebootTrigger; absent when none is declared. */
  readonly rebootTrigger?: string;
  /** True when the node is declared cordoned; absent otherwise. */
  readonly cordoned?: true;
  /** True when the node is declared drained for maintenance; absent otherwise. */
  readonly maintenance?: true;
  /** Taints of effect NoExecute that pool and host declare; absent when there are none. */
  readonly noExecute?: readonly Taint[];
}

/** Names a host whose machine is dead or cut off. */
export interface LostHost {
  readonly node: string;
  /** The rejoinTrigger that the host had when it was declared lost. */
  readonly rejoinTrigger: string;
}

/** Describes how the nodes of one pool leave. */
export interface RosterPool extends PoolPolicy {
  readonly name: string;
  /** How large a change may be; absent means the defaults. */
  readonly limits?: PoolLimits;
  /** Version of Kubernetes that the pool's hosts are prepared for; absent when they come prepared. */
  readonly kubernetes?: string;
}

/** Where a declared host stands among all: told with each host, since the roster is asked about last. */
export interface RosterPlace {
  /** How many members are declared in all. */
  readonly members: number;
  readonly pool: string;
  /** How many nodes of the pool may be down at once. */
  readonly maxUnavailable: number;
  /** How large a change of the pool may be; absent means the defaults. */
  readonly limits?: PoolLimits;
}

/** All members, pools and lost hosts of a stack. */
export interface DeclaredRoster {
  readonly members: readonly RosterMember[];
  readonly pools: readonly RosterPool[];
  readonly lost: readonly LostHost[];
}

/** What a declared host contributes to the roster. */
interface DeclaredHost {
  readonly name: string;
  readonly state: HostState;
  readonly rejoinTrigger?: string | undefined;
  readonly rebootTrigger?: string | undefined;
}

/** Returns a host's entry; what is not declared is left out, so that a newer program changes no state. */
export function rosterMember(pool: string, host: DeclaredHost, taints: readonly Taint[]): RosterMember {
  const { name: node, rejoinTrigger = "", rebootTrigger, state } = host;
  const noExecute = taints.filter(({ effect }) => effect === "NoExecute");
  return {
    ...{ node, pool, rejoinTrigger },
    ...(rebootTrigger !== undefined && { rebootTrigger }),
    ...(state === "cordoned" && { cordoned: true }),
    ...(state === "maintenance" && { maintenance: true }),
    ...(noExecute.length > 0 && { noExecute }),
  };
}

/** A member that is in another pool than before, or in the same one. */
export interface PoolMove {
  readonly from: string;
  readonly to: string;
}

/**
 * Follows a pool to where it is now: a pool that is no longer declared was renamed to the one that most of its former
 * members are in. Itself when it is declared, or when none of them stays.
 */
export function followPool(
  pool: string,
  isDeclared: (pool: string) => boolean,
  moves: readonly PoolMove[],
): string {
  if (isDeclared(pool)) return pool;
  const sizes = new Map<string, number>();
  for (const { from, to } of moves) if (from === pool) sizes.set(to, (sizes.get(to) ?? 0) + 1);
  const [largest] = [...sizes].sort(([a, sizeA], [b, sizeB]) => sizeB - sizeA || (a < b ? -1 : 1));
  return largest?.[0] ?? pool;
}

/** Tells whether a rebootTrigger is another one than before; removing it asks for nothing. */
export function wantsReboot(
  { rebootTrigger: former = "" }: { readonly rebootTrigger?: string },
  { rebootTrigger: declared = "" }: { readonly rebootTrigger?: string },
): boolean {
  return declared !== "" && declared !== former;
}
