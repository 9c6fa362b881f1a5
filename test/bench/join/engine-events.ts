// Notes when each event of a `pulumi up` appears in its event log: the events themselves tell whole seconds only.
import { closeSync, openSync, readSync, watch, writeFileSync } from "node:fs";

/** One event of the engine; only what is looked at. */
export interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: ResourceStep };
  readonly resOutputsEvent?: { readonly metadata: ResourceStep };
}

/** What the engine does to a resource. */
export interface ResourceStep {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** An event and when it was seen, in seconds on the clock of `performance.now()`. */
export interface SeenEvent {
  readonly at: number;
  readonly event: EngineEvent;
}

/** Follows the log that an engine will write to a path. */
export class EngineEvents implements Disposable {
  readonly #file: number;
  readonly #watch: ReturnType<typeof watch>;
  readonly #seen: SeenEvent[] = [];
  readonly #chunk = Buffer.alloc(1 << 16);
  #line = "";

  constructor(path: string) {
    writeFileSync(path, "");
    this.#file = openSync(path, "r");
    this.#watch = watch(path, () => this.#read());
  }

  /** Returns all events up to now. */
  seen(): readonly SeenEvent[] {
    this.#read();
    return this.#seen;
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    this.#watch.close();
    closeSync(this.#file);
  }

  #read(): void {
    const at = performance.now() / 1000;
    for (;;) {
      const length = readSync(this.#file, this.#chunk);
      if (length === 0) return;
      const lines = (this.#line + this.#chunk.toString("latin1", 0, length)).split("\n");
      this.#line = lines.pop() ?? "";
      for (const line of lines) this.#seen.push({ at, event: JSON.parse(line) as EngineEvent });
    }
  }
}
