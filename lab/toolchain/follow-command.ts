// Runs a long command, hands each line of its output on while it runs, and throws with its last lines if it fails.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** What to run, and who listens. */
export interface FollowedCommand {
  /** Begins the error message: what the command is run for. */
  readonly doing: string;
  readonly argv: readonly string[];
  readonly cwd?: string;
  /** Added to the caller's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
  /** Tells lines that are a sign of life and nothing else: a failure does not show them. */
  readonly isProgress?: (line: string) => boolean;
  /** The command is killed then. */
  readonly timeoutSeconds: number;
  /** What to do when it fails. */
  readonly remedy: string;
}

const shownLines = 15;

/** Runs the command to its end. */
export async function followCommand(command: FollowedCommand): Promise<void> {
  const lastLines: string[] = [];
  const end = await run(command, (line) => {
    if (command.isProgress?.(line) !== true) lastLines.push(line);
    if (lastLines.length > shownLines) lastLines.shift();
    command.onLine(line);
  });
  if (end === "exit status 0") return;
  const said = lastLines.length === 0 ? "It said nothing." : `Its last lines:\n${lastLines.join("\n")}`;
  throw new Error(`${command.doing} "${command.argv.join(" ")}": ${end}. ${command.remedy} ${said}`);
}

function run(command: FollowedCommand, onLine: (line: string) => void): Promise<string> {
  const [program = "", ...args] = command.argv;
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: { ...process.env, ...command.env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: command.timeoutSeconds * 1000,
  });
  for (const output of [child.stdout, child.stderr]) createInterface(output).on("line", onLine);
  return new Promise((done, fail) => {
    child.on("error", (cause) =>
      fail(new Error(`${command.doing} "${program}": ${cause.message}. ${command.remedy}`, { cause })),
    );
    child.on("close", (status, signal) =>
      done(
        signal === null
          ? `exit status ${status}`
          : `ended by ${signal} (${command.timeoutSeconds} s allowed)`,
      ),
    );
  });
}
