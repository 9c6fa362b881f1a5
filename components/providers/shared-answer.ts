// One answer of the cluster for everyone who asks at about the same time, so that fifty waits cost one request.
import type { Clock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

const { servesTimes, serves, silent } = durations.providers.sharedAnswer;

/** Asks on behalf of all. */
export class SharedAnswer<Answer> {
  readonly #clock: Clock;
  #latest: { readonly answer: Promise<Answer>; validUntil: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns an answer that is at most a second old; a failure is the answer to all who ask in the next five seconds. */
  get(ask: () => Promise<Answer>): Promise<Answer> {
    if (this.#latest !== undefined && this.#clock.now() < this.#latest.validUntil) return this.#latest.answer;
    const begun = this.#clock.now();
    const latest = { answer: ask(), validUntil: Number.POSITIVE_INFINITY };
    this.#latest = latest;
    latest.answer.then(
      () => {
        const took = this.#clock.now() - begun;
        const serving = Math.min(Math.max(servesTimes * took, serves.least), serves.most);
        latest.validUntil = this.#clock.now() + serving;
      },
      () => {
        latest.validUntil = this.#clock.now() + silent;
      },
    );
    return latest.answer;
  }
}
