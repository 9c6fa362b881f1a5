// Waits for a condition with a deadline.
import { setTimeout as sleep } from "node:timers/promises";

/** What is waited for. */
export interface Wait {
  /** Completes the sentence "waiting for …". */
  readonly what: string;
  readonly timeoutSeconds: number;
  /** Returns undefined when the condition holds, otherwise what was seen instead. */
  readonly check: () => Promise<string | undefined>;
  /** What to do when it does not come true. */
  readonly remedy: string;
  /** How long it pauses between two looks. @defaultValue 200 */
  readonly pauseMs?: number;
}

/** Checks until the condition holds; throws with the last thing seen when the time is over. */
export async function waitFor(wait: Wait): Promise<void> {
  const deadline = performance.now() + wait.timeoutSeconds * 1000;
  for (;;) {
    const seen = await wait.check();
    if (seen === undefined) return;
    if (performance.now() > deadline) {
      throw new Error(
        `waiting for ${wait.what}: not so after ${wait.timeoutSeconds} s; last seen: ${seen}. ${wait.remedy}`,
      );
    }
    await sleep(wait.pauseMs ?? 200);
  }
}
