// Notes when each line of a run of the CLI appears: it prints one as soon as a step of a resource begins or ends.

/** A line and when it was seen, in seconds on the clock of `performance.now()`. */
export interface SeenLine {
  readonly at: number;
  readonly line: string;
}

/** Cuts output that comes in pieces into lines. */
export class SeenLines {
  readonly #lines: SeenLine[] = [];
  #rest = "";

  /** Takes the next piece of output. */
  readonly hear = (piece: string): void => {
    const at = performance.now() / 1000;
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#lines.push(...lines.map((line) => ({ at, line })));
  };

  /** Returns all whole lines up to now. */
  seen(): readonly SeenLine[] {
    return this.#lines;
  }
}
