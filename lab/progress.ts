// Shows what long work is doing: one live line on a terminal, plain lines with a heartbeat elsewhere.
// Steps may be nested or run side by side: all of them share one board, so their output never mixes.

/** What the board needs of an output stream; process.stderr fits. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Tells the running step what it is at; only the latest text is shown. */
export type Note = (text: string) => void;

interface RunningStep {
  readonly title: string;
  readonly startedAt: number;
  latestNote: string;
}

const liveRefreshMs = 200;
const heartbeatMs = 15_000;
const eraseLine = "\r\u001b[2K";

/** Keeps the running steps of one output stream. */
export class ProgressBoard {
  readonly #output: ProgressOutput;
  readonly #running: RunningStep[] = [];
  #liveTimer: NodeJS.Timeout | undefined;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Runs `work` as one titled step; prints its end or failure with the time it took, and rethrows. */
  async step<T>(title: string, work: (note: Note) => Promise<T>): Promise<T> {
    const step: RunningStep = { title, startedAt: performance.now(), latestNote: "" };
    const stopShowing = this.#show(step);
    try {
      const result = await work((text) => {
        step.latestNote = firstLine(text);
      });
      stopShowing(`✓ ${title} (${elapsed(step)})`);
      return result;
    } catch (error) {
      stopShowing(`✗ ${title} (${elapsed(step)})`);
      throw error;
    }
  }

  /** Prints one lasting line above whatever is live. */
  say(line: string): void {
    this.#output.write(this.#output.isTTY ? `${eraseLine}${line}\n` : `${line}\n`);
    this.#drawLiveLine();
  }

  /** Starts showing a step; the returned function ends that with one lasting line. */
  #show(step: RunningStep): (lastLine: string) => void {
    this.#running.push(step);
    const heartbeat = this.#output.isTTY ? undefined : this.#startHeartbeat(step);
    this.#drawLiveLine();
    return (lastLine) => {
      clearInterval(heartbeat);
      this.#running.splice(this.#running.indexOf(step), 1);
      this.say(lastLine);
    };
  }

  #startHeartbeat(step: RunningStep): NodeJS.Timeout {
    this.say(`· ${step.title} …`);
    return setInterval(() => this.say(`· ${describe(step)}`), heartbeatMs).unref();
  }

  #drawLiveLine(): void {
    if (!this.#output.isTTY) return;
    // The step started last is the innermost, or the newest of several side by side.
    const newest = this.#running.at(-1);
    if (newest === undefined) {
      clearInterval(this.#liveTimer);
      this.#liveTimer = undefined;
      return;
    }
    this.#liveTimer ??= setInterval(() => this.#drawLiveLine(), liveRefreshMs).unref();
    const others = this.#running.length > 1 ? ` [+${this.#running.length - 1}]` : "";
    // A line that wraps could not be erased again.
    const width = (this.#output.columns || 80) - 1;
    this.#output.write(`${eraseLine}${`· ${describe(newest)}${others}`.slice(0, width)}`);
  }
}

function describe(step: RunningStep): string {
  const suffix = step.latestNote === "" ? "" : `: ${step.latestNote}`;
  return `${step.title} (${elapsed(step)})${suffix}`;
}

function elapsed(step: RunningStep): string {
  return formatElapsed(performance.now() - step.startedAt);
}

/** Formats milliseconds as whole seconds, with minutes from one minute on: `12 s`, `3 min 4 s`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

const board = new ProgressBoard(process.stderr);

/** Runs `work` as one titled step on standard error; see {@link ProgressBoard.step}. */
export function step<T>(title: string, work: (note: Note) => Promise<T>): Promise<T> {
  return board.step(title, work);
}

/** Prints one lasting line on standard error without breaking a live line. */
export function say(line: string): void {
  board.say(line);
}
