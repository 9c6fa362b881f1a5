// In how many rounds pods of one budget can leave. Pure.

/** Pods of the budget on the leaving nodes of one pool. */
export interface PoolLoad {
  /** How many nodes of the pool drain at once. */
  readonly maxUnavailable: number;
  /** Pods of the budget on each node, in the order in which nodes drain. */
  readonly podsByNode: readonly number[];
}

/** What a budget and the pools' limits let happen. */
export interface Rounds {
  /** Evictions of the first round. */
  readonly now: number;
  readonly rounds: number;
}

/**
 * Plays the drains through: in each round every pool drains its first `maxUnavailable` nodes that still have pods, and
 * together they evict as many as the budget allows at once; the next round begins when those are Ready elsewhere.
 */
export function planRounds(allowed: number, pools: readonly PoolLoad[]): Rounds {
  const queues = pools.map(({ maxUnavailable, podsByNode }) => ({
    maxUnavailable,
    left: podsByNode.filter((pods) => pods > 0),
  }));
  let now = 0;
  let rounds = 0;
  while (queues.some(({ left }) => left.length > 0)) {
    const evicted = playRound(Math.max(1, allowed), queues);
    if (rounds === 0) now = evicted;
    rounds++;
  }
  return { now, rounds };
}

function playRound(allowed: number, queues: { readonly maxUnavailable: number; left: number[] }[]): number {
  let free = allowed;
  for (const queue of queues) {
    const draining = queue.left.slice(0, Math.max(1, queue.maxUnavailable)).map((pods) => {
      const evicted = Math.min(pods, free);
      free -= evicted;
      return pods - evicted;
    });
    queue.left = [...draining.filter((pods) => pods > 0), ...queue.left.slice(draining.length)];
  }
  return allowed - free;
}
