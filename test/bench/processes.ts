// Runs the programs of a side and watches how much memory they take.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** One program of a side. */
export interface Program {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** Peak memory, in bytes, as the kernel keeps it for each process (VmHWM). */
export interface PeakMemory {
  /** Largest sum over the processes that ran at the same time. */
  readonly sum: number;
  readonly largest: number;
}

const sampleMs = 25;
const lastLines = 5;

/** The programs of one run of a side: they end with this process, and at the deadline of the run. */
export class SideProcesses implements Disposable {
  readonly #timeoutSeconds: number;
  readonly #signal: AbortSignal;
  readonly #peaks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #peak: PeakMemory = { sum: 0, largest: 0 };

  constructor(timeoutSeconds: number) {
    this.#timeoutSeconds = timeoutSeconds;
    this.#signal = AbortSignal.timeout(timeoutSeconds * 1000);
    this.#timer = setInterval(() => this.#sample(), sampleMs);
  }

  /** Runs a program to its end; throws with its last words when it does not exit with 0. */
  async run({ argv, env, stdin }: Program): Promise<void> {
    // A side that outlived a killed benchmark would drain on.
    const child = spawn("setpriv", ["--pdeathsig=KILL", "--", ...argv], {
      env,
      stdio: ["pipe", "ignore", "pipe"],
      signal: this.#signal,
      killSignal: "SIGKILL",
    });
    let words = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text)
        .split("\n")
        .slice(-lastLines - 1)
        .join("\n");
    });
    child.stdin.on("error", () => undefined).end(stdin ?? "");
    if (child.pid !== undefined) this.#peaks.set(child.pid, 0);
    try {
      await this.#end(child, argv, () => words);
    } finally {
      this.#peaks.delete(child.pid ?? 0);
    }
  }

  /** Returns the peak so far. */
  peak(): PeakMemory {
    return this.#peak;
  }

  /** Ends the watch. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #end(child: ReturnType<typeof spawn>, argv: readonly string[], words: () => string): Promise<void> {
    return new Promise((done, fail) => {
      const doing = `running "${argv.slice(0, 3).join(" ")} …"`;
      child.on("error", (cause) => {
        const tooLong = `not finished after ${this.#timeoutSeconds} s`;
        fail(new Error(`${doing}: ${this.#signal.aborted ? tooLong : cause.message}`, { cause }));
      });
      child.on("close", (status, signal) => {
        if (status === 0) done();
        else fail(new Error(`${doing}: it ended with ${signal ?? status}: ${words().trim()}`));
      });
    });
  }

  #sample(): void {
    for (const pid of this.#peaks.keys()) this.#peaks.set(pid, peakOf(pid) ?? this.#peaks.get(pid) ?? 0);
    const peaks = [...this.#peaks.values()];
    this.#peak = {
      sum: Math.max(
        this.#peak.sum,
        peaks.reduce((sum, peak) => sum + peak, 0),
      ),
      largest: Math.max(this.#peak.largest, ...peaks),
    };
  }
}

/** Reads a process' peak; undefined when it has ended. */
function peakOf(pid: number): number | undefined {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // It ended between two samples; its last peak stands.
    return undefined;
  }
}
