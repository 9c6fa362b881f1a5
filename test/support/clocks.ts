// Clocks for tests that must not wait.
import type { Clock } from "../../components/model/clock.ts";

/** A clock on which every sleep is over at once and time moves by its length. */
export interface LeapingClock extends Clock {
  /** The lengths of all sleeps so far, in seconds. */
  readonly sleeps: readonly number[];
  /** Lets time pass. */
  pass(seconds: number): void;
}

/** Returns a clock on which time passes only in sleeps and when it is told to. */
export function leapingClock(start = Date.parse("2026-01-01T00:00:00Z") / 1000): LeapingClock {
  let time = start;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => time,
    pass: (seconds) => {
      time += seconds;
    },
    async sleep(seconds, signal) {
      signal?.throwIfAborted();
      sleeps.push(seconds);
      time += seconds;
    },
  };
}
