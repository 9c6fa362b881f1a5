// Members whose deletion the engine has asked for, where no roster tells which leave, as on `destroy`: all that are asked
// for at the same time are cordoned before the first of them is drained. Those that stay are never cordoned.
import { type Clock, poll } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

/** Counts the members that are on their way to their cordon. */
export class Departures {
  readonly #clock: Clock;
  #underWay = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs what ends with the cordon of a member, or fails before it. */
  async cordoning(work: () => Promise<void>): Promise<void> {
    this.#underWay++;
    this.#lastAt = this.#clock.now();
    try {
      await work();
    } finally {
      this.#underWay--;
    }
  }

  /** Waits until no other member is on its way: the engine asks for all of them at once. A host that does not answer is not waited for long. */
  async allCordoned(): Promise<void> {
    const { together, hostSilent } = durations.providers.departures;
    await poll(this.#clock, {
      every: together,
      within: hostSilent,
      until: async () =>
        this.#underWay === 0 && this.#clock.now() - this.#lastAt >= together ? true : undefined,
    });
  }
}
