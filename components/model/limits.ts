// How many nodes of a pool may be out of service, and how large a change of a pool may be. Pure.
import { maxRemovalsPercent } from "./defaults.ts";

/** Limits of one pool. */
export interface PoolLimits {
  /** Nodes that one change may remove: a number, or a share of the members such as `50%`, rounded down. */
  readonly maxRemovals?: number | string;
  /** Nodes of the pool that have to be Ready while others leave or are down; absent means none. */
  readonly minReady?: number;
  /** Whether a change is refused of which a drain is known to fail; absent means false. */
  readonly refuseKnownFailures?: boolean;
}

/** Resolves maxRemovals to a number of nodes; absent means one node or 34 % of the members, whichever is more. */
export function resolveMaxRemovals(limits: PoolLimits | undefined, members: number): number {
  const value = limits?.maxRemovals;
  if (value === undefined) return Math.max(1, Math.floor((members * maxRemovalsPercent) / 100));
  return typeof value === "number" ? value : Math.floor((members * Number.parseInt(value, 10)) / 100);
}

/**
 * Resolves a number or a percent string such as `25%` to a number of nodes: percents are rounded up, and the result
 * is at least 1 and at most the pool's size, so that work always goes on.
 */
export function resolveMaxUnavailable(value: number | string, poolSize: number): number {
  const nodes = typeof value === "number" ? value : Math.ceil((poolSize * Number.parseInt(value, 10)) / 100);
  return Math.max(1, Math.min(nodes, poolSize));
}
