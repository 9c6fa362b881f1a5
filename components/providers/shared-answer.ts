// One answer of the cluster for everyone who asks at about the same time, so that fifty waits cost one request.
import type { Clock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

const { servesTimes, serves, silent } = durations.providers.sharedAnswer;

/** What was asked last; `validFor` seconds from `answeredAt` on at most, once there is an answer. */
interface Asked<Answer> {
  readonly answer: Promise<Answer>;
  answeredAt: number;
  validFor: (most: number) => number;
}

/** Asks on behalf of all. */
export class SharedAnswer<Answer> {
  readonly #clock: Clock;
  #latest: Asked<Answer> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Returns an answer that is at most `most` seconds old, and the younger the less it costs; a failure is the answer to
   * all who ask in the next five seconds.
   */
  get(ask: () => Promise<Answer>, most: number = serves.most): Promise<Answer> {
    const { validFor = () => 0, answeredAt = 0, answer } = this.#latest ?? {};
    if (answer !== undefined && this.#clock.now() < answeredAt + validFor(most)) return answer;
    const begun = this.#clock.now();
    const asked: Asked<Answer> = {
      answer: ask(),
      answeredAt: begun,
      validFor: () => Number.POSITIVE_INFINITY,
    };
    this.#latest = asked;
    const settled = (validFor: (most: number) => number) => {
      asked.answeredAt = this.#clock.now();
      asked.validFor = validFor;
    };
    asked.answer.then(
      () => {
        const took = this.#clock.now() - begun;
        settled((longest) => Math.min(Math.max(servesTimes * took, serves.least), longest));
      },
      () => settled(() => silent),
    );
    return asked.answer;
  }
}
