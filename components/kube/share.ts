// Lets all who follow the same list at the same time do so over one watch.
import type { Followed } from "./api.ts";

interface Source<Item> {
  readonly followed: Promise<Followed<Item>>;
  users: number;
}

/** Returns a function that follows like `start`, but starts only when nobody follows yet; the last to dispose ends it. */
export function shareFollowed<Item>(start: () => Promise<Followed<Item>>): () => Promise<Followed<Item>> {
  let source: Source<Item> | undefined;
  const release = (mine: Source<Item>, followed?: Followed<Item>) => {
    mine.users--;
    if (mine.users > 0) return;
    if (source === mine) source = undefined;
    followed?.[Symbol.dispose]();
  };
  return async () => {
    source ??= { followed: start(), users: 0 };
    const mine = source;
    mine.users++;
    try {
      const followed = await mine.followed;
      return viewOf(followed, () => release(mine, followed));
    } catch (error) {
      release(mine);
      throw error;
    }
  };
}

/** Stands for one user: disposing of it ends this user's listeners, and is counted once. */
function viewOf<Item>(followed: Followed<Item>, release: () => void): Followed<Item> {
  const ends = new Set<() => void>();
  let disposed = false;
  return {
    items: () => followed.items(),
    fault: () => followed.fault(),
    onChange: (listener) => {
      const end = followed.onChange(listener);
      ends.add(end);
      return () => {
        ends.delete(end);
        end();
      };
    },
    [Symbol.dispose]: () => {
      if (disposed) return;
      disposed = true;
      for (const end of ends) end();
      release();
    },
  };
}
