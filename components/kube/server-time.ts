// How far the server's clock is ahead of this machine's, as the Date header of its answers proves. Pure.

/** An answer: when it was asked for, when it came, and the Date that the server wrote on it in between. */
export interface DatedAnswer {
  /** Seconds since 1970 on our clock. */
  readonly askedAt: number;
  readonly answeredAt: number;
  /** Date header as in HTTP, to the second. */
  readonly date: string | undefined;
}

/** Narrows the difference of the clocks with each answer: it is within the bounds of all answers. */
export class ServerTime {
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /** Learns from an answer. One that contradicts the former ones counts alone: a clock has been set. */
  note({ askedAt, answeredAt, date }: DatedAnswer): void {
    const second = Date.parse(date ?? "") / 1000;
    if (Number.isNaN(second)) return;
    const [least, most] = [second - answeredAt, second + 1 - askedAt];
    const isContradiction = least > this.#most || most < this.#least;
    this.#least = isContradiction ? least : Math.max(least, this.#least);
    this.#most = isContradiction ? most : Math.min(most, this.#most);
  }

  /** Returns the smallest difference, in seconds, that explains the answers: 0 when the clocks may agree. */
  get offset(): number {
    return Math.min(Math.max(0, this.#least), this.#most);
  }
}
