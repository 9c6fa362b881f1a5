// A sleep that news end early.
import type { Clock } from "./clock.ts";

/** Lets one loop sleep until its time has come or something has happened. */
export class Wakeup {
  #pending = false;
  #wake: () => void = () => undefined;

  /** Ends the present sleep, or the next one before it begins. */
  readonly notify = (): void => {
    this.#pending = true;
    this.#wake();
  };

  /** Resolves after `ms` or at the next news; at once when there was news since the last sleep. */
  async sleep(clock: Clock, ms: number): Promise<void> {
    if (!this.#pending && ms > 0) {
      const stop = new AbortController();
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // The abort only tidies the timer away; its rejection says nothing.
      await Promise.race([news, clock.sleep(ms, stop.signal).catch(() => undefined)]);
      stop.abort();
    }
    this.#pending = false;
  }
}
