// Does the same to many things, a bounded number at a time.

const atOnce = 20;

/** Calls `act` for every item, at most `limit` at a time; throws the first failure after the others have ended. */
export async function forEachBounded<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
  limit = atOnce,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await act(item);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: limit }, worker));
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed) throw failed.reason;
}
