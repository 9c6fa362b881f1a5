// How many nodes of a pool may be out of service at once. Pure.

/**
 * Resolves a number or a percent string such as `25%` to a number of nodes: percents are rounded up, and the result
 * is at least 1 and at most the pool's size, so that work always goes on.
 */
export function resolveMaxUnavailable(value: number | string, poolSize: number): number {
  const nodes = typeof value === "number" ? value : Math.ceil((poolSize * Number.parseInt(value, 10)) / 100);
  return Math.max(1, Math.min(nodes, poolSize));
}
