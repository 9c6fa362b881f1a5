// Limits how many nodes of one pool drain at once within this process, which serves all resources of an operation.

const drainingByPool = new Map<string, number>();
const waitingByPool = new Map<string, (() => void)[]>();

/**
 * Runs `work` once fewer than `limit` others of the same pool run. The wait has no deadline of its own: every drain
 * ahead of it ends by its own.
 */
export async function paced<Result>(
  pool: string,
  limit: number,
  onWait: (ahead: number) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  while ((drainingByPool.get(pool) ?? 0) >= limit) {
    const waiting = waitingByPool.get(pool) ?? [];
    waitingByPool.set(pool, waiting);
    onWait(drainingByPool.get(pool) ?? 0);
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  drainingByPool.set(pool, (drainingByPool.get(pool) ?? 0) + 1);
  try {
    return await work();
  } finally {
    drainingByPool.set(pool, (drainingByPool.get(pool) ?? 1) - 1);
    waitingByPool.get(pool)?.shift()?.();
  }
}
