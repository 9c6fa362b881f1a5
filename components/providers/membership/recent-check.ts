// Checks that have to hold when a node's turn comes, which may be hours after it queued.

const lastsMilliseconds = 10_000;

/** Returns the check, made again only when it was made more than ten seconds ago. */
export function recentCheck(check: () => Promise<void>, now = Date.now): () => Promise<void> {
  let madeAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (now() - madeAt < lastsMilliseconds) return;
    await check();
    madeAt = now();
  };
}
