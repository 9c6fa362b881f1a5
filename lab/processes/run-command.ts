// Runs a command to its end and returns or throws what it said.
import { spawn } from "node:child_process";

/** What a command left behind. */
export interface CommandResult {
  /** Exit status; null when a signal ended the command. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command. */
export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment. @defaultValue the caller's own */
  readonly env?: NodeJS.ProcessEnv;
  /** Written to standard input. @defaultValue nothing */
  readonly stdin?: string;
  /** The command is killed then. @defaultValue 60 seconds */
  readonly timeoutSeconds?: number;
  /** Gets standard output as it comes. @defaultValue nobody listens */
  readonly hear?: ((output: string) => void) | undefined;
}

/** Runs a command and returns its output, whatever its exit status. */
export function captureCommand(
  argv: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const [command = "", ...args] = argv;
  const timeout = (options.timeoutSeconds ?? 60) * 1000;
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ["pipe", "pipe", "pipe"],
      timeout,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      options.hear?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", (cause) => fail(new Error(`running "${command}": ${cause.message}`, { cause })));
    child.on("close", (status, signal) => done({ status, signal, stdout, stderr }));
    // A command that ends without reading its input closes the pipe early; its exit status tells the story.
    child.stdin.on("error", () => undefined).end(options.stdin ?? "");
  });
}

/** Runs a command and returns its standard output; throws with its last words when it does not exit with 0. */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const result = await captureCommand(argv, options);
  if (result.status === 0) return result.stdout;
  const end = result.signal === null ? `exit status ${result.status}` : `ended by ${result.signal}`;
  const lastWords = result.stderr.trim() || result.stdout.trim();
  throw new Error(`running "${argv.join(" ")}": ${end}: ${lastWords.split("\n").slice(-5).join("\n")}`);
}
