// The requests about pods that are under way: a bounded number of them at a time.
import type { News } from "../model/clock.ts";

const parallelRequests = 20;

/** Starts requests, whose ends wake the drain and whose failures end it. */
export class Requests {
  readonly #news: News;
  #underWay = 0;
  /** The first failure that no answer describes. */
  #failure: { readonly error: unknown } | undefined;

  constructor(news: News) {
    this.#news = news;
  }

  /** Whether another one may start. */
  get hasRoom(): boolean {
    return this.#underWay < parallelRequests;
  }

  /** Starts one. */
  start(request: () => Promise<void>): void {
    this.#underWay++;
    request()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#underWay--;
        this.#news.notify();
      });
  }

  /** Throws the failure of a request that has failed. */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
