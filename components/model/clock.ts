// Time as an argument: the hour, pauses, and the one form of wait and of retry that everything else is written with.
import { setTimeout } from "node:timers/promises";

/** Tells the time and waits; every time and duration of the program is in seconds. */
export interface Clock {
  /** Seconds since 1970. */
  now(): number;
  /** Resolves after so many seconds; rejects with the signal's reason when it is aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
}

// The longest that a timer can be set to, about 25 days.
const longestMs = 2 ** 31 - 1;

/** The machine's own clock, as it was when the process began: setting it later neither ends nor prolongs a wait. */
export const systemClock: Clock = {
  now: () => (performance.timeOrigin + performance.now()) / 1000,
  sleep: (seconds, signal) =>
    setTimeout(Math.min(seconds * 1000, longestMs), undefined, signal ? { signal } : {}),
};

/** Reads a time that the API or an annotation gives, in seconds since 1970; undefined when it is absent or no time. */
export function readTime(value: Date | string | undefined): number | undefined {
  const ms = value === undefined ? Number.NaN : new Date(value).getTime();
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** Writes a time, given in seconds since 1970, as RFC 3339 in UTC. */
export function writeTime(seconds: number): string {
  return new Date(Math.round(seconds * 1000)).toISOString();
}

/** What is waited for, and for how long. */
export interface Wait<Found> {
  /** Looks once; undefined as long as what is waited for is not there. What it throws ends the wait. */
  readonly until: () => Promise<Found | undefined>;
  /** Seconds between two looks. */
  readonly every: number;
  /** Limits the wait, in seconds; the look that is under way when they are over still counts. */
  readonly within: number;
  /** Hears of each look in vain, with the whole seconds since the wait began. */
  readonly onWait?: (elapsed: number) => void;
  /** News that make the next look come early. */
  readonly news?: News;
}

/** Looks until something is found; undefined when it is not found in time. Looks once at least. */
export async function poll<Found>(clock: Clock, wait: Wait<Found>): Promise<Found | undefined> {
  const start = clock.now();
  for (;;) {
    const found = await wait.until();
    if (found !== undefined) return found;
    const elapsed = clock.now() - start;
    if (elapsed >= wait.within) return undefined;
    wait.onWait?.(Math.round(elapsed));
    await (wait.news?.sleep(clock, wait.every) ?? clock.sleep(wait.every));
  }
}

/**
 * Makes an attempt, and another one as long as `pauseAfter` gives a pause for the failure, in seconds; else throws it.
 * Failures are counted from 1.
 */
export async function retry<Result>(
  clock: Clock,
  attempt: (failures: number) => Promise<Result>,
  pauseAfter: (error: unknown, failures: number) => number | undefined,
): Promise<Result> {
  for (let failures = 0; ; ) {
    try {
      return await attempt(failures);
    } catch (error) {
      failures++;
      const pause = pauseAfter(error, failures);
      if (pause === undefined) throw error;
      await clock.sleep(pause);
    }
  }
}

/** Acts once so many seconds have passed, unless the returned function is called before. */
export function actAfter(clock: Clock, seconds: number, act: () => void): () => void {
  const stop = new AbortController();
  clock.sleep(seconds, stop.signal).then(act, () => undefined);
  return () => stop.abort();
}

/** Lets one loop sleep until its time has come or something has happened. */
export class News {
  #pending = false;
  #wake: () => void = () => undefined;

  /** Ends the present sleep, or the next one before it begins. */
  readonly notify = (): void => {
    this.#pending = true;
    this.#wake();
  };

  /** Resolves after so many seconds or at the next news; at once when there was news since the last sleep. */
  async sleep(clock: Clock, seconds: number): Promise<void> {
    if (!this.#pending && seconds > 0) {
      const stop = new AbortController();
      const news = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // The abort only tidies the timer away; its rejection says nothing.
      await Promise.race([news, clock.sleep(seconds, stop.signal).catch(() => undefined)]);
      stop.abort();
    }
    this.#pending = false;
  }
}
