// How large a change of a pool may be before someone has to say that it is meant. Pure.

/** Limits of one pool. */
export interface PoolLimits {
  /** Nodes that one change may remove: a number, or a share of the members such as `50%`, rounded down. */
  readonly maxRemovals?: number | string;
  /** Nodes of the pool that have to be Ready while others leave or are down; absent means none. */
  readonly minReady?: number;
}

const defaultShare = 34;

/** Resolves maxRemovals to a number of nodes; absent means one node or 34 % of the members, whichever is more. */
export function resolveMaxRemovals(limits: PoolLimits | undefined, members: number): number {
  const value = limits?.maxRemovals;
  if (value === undefined) return Math.max(1, Math.floor((members * defaultShare) / 100));
  return typeof value === "number" ? value : Math.floor((members * Number.parseInt(value, 10)) / 100);
}
