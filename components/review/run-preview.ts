// Runs `pulumi preview` and returns what the engine wrote down of it, however it ended.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actAfter, systemClock } from "../model/clock.ts";
import { lastLines } from "../model/foreign-text.ts";

/** A preview that has ended, or did not begin. */
export interface PreviewRun {
  /** Exit code of the CLI; undefined when it was not found, or ended by a signal. */
  readonly status: number | undefined;
  /** The engine's event log; empty when it did not get that far. */
  readonly log: string;
  /** The last lines that it printed. */
  readonly tail: string;
}

/** What to preview. */
export interface PreviewRequest {
  readonly folder: string;
  readonly stack: string;
  /** Further arguments of `pulumi preview`. */
  readonly argv: readonly string[];
  readonly timeoutSeconds: number;
}

const tailLines = 15;
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs it; rejects never. A preview that outlasts its time is interrupted, and killed when that does not end it; so is
 * that of a command which is told to end: a job that somebody cancels still reports, and leaves no log behind.
 */
export async function runPreview({
  folder,
  stack,
  argv,
  timeoutSeconds,
}: PreviewRequest): Promise<PreviewRun> {
  // The log names everything that is in the state: for this user's eyes alone, and gone at the end.
  const place = mkdtempSync(join(tmpdir(), "nodepools-review-"));
  const log = join(place, "events");
  const flags = ["--stack", stack, "--event-log", log, "--non-interactive", "--color", "never"];
  try {
    const ended = await run(["preview", ...flags, ...argv], folder, timeoutSeconds);
    return { ...ended, log: readIfThere(log) };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function run(
  argv: readonly string[],
  cwd: string,
  timeoutSeconds: number,
): Promise<Omit<PreviewRun, "log">> {
  const { promise, resolve } = Promise.withResolvers<Omit<PreviewRun, "log">>();
  // Without the second one the CLI does not know --event-log. A new review is held to no other one.
  const { NODEPOOLS_APPROVED: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    NODEPOOLS_FACTS: "json",
    PULUMI_DEBUG_COMMANDS: "true",
    // The engine makes a whole state of each step otherwise, which a preview keeps nowhere.
    PULUMI_SKIP_CHECKPOINTS: "true",
  };
  const child = spawn("pulumi", argv, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      // Only the end of it is shown.
      printed = (printed + text).slice(-64_000);
    });
  const interrupt = () => void child.kill("SIGINT");
  const calledOff = [
    actAfter(systemClock, timeoutSeconds, interrupt),
    actAfter(systemClock, timeoutSeconds + 30, () => child.kill("SIGKILL")),
    ...endings.map((signal) => {
      process.on(signal, interrupt);
      return () => void process.off(signal, interrupt);
    }),
  ];
  child.once("error", (error) => resolve({ status: undefined, tail: error.message }));
  child.once("close", (code) =>
    resolve({ status: code ?? undefined, tail: lastLines(printed, tailLines).join("\n") }),
  );
  const ended = await promise;
  for (const callOff of calledOff) callOff();
  return ended;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
