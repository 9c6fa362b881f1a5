// What a Node tells of the hooks that ran for it, so that the next run after a failure or a kill does not run them again. Pure.
import { GuardedNote } from "./guarded-note.ts";

/** A hook that has begun. */
export interface NotedHook {
  /** See `hookKey`. */
  readonly key: string;
  readonly isDone: boolean;
  /** Part of its Job's name, by which a later run finds it; absent for commands. */
  readonly job?: string;
}

/** The hooks that have begun since the node was cordoned, or since it joined. */
export const hookNote = new GuardedNote<readonly NotedHook[]>("hooks", []);

/** Returns the note with one hook in it, in place of what it said of that hook before. */
export function withHook(known: readonly NotedHook[], hook: NotedHook): readonly NotedHook[] {
  return [...known.filter(({ key }) => key !== hook.key), hook];
}
