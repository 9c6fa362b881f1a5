// Runs a command in the caller's place: same terminal, same signals, same end.
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** Runs the command to its end and returns its exit status, 128 + number for a signal, as a shell does. */
export function runAttached(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command = "", ...args] = argv;
  const child = spawn(command, args, { stdio: "inherit", env });
  // A terminal signals both; this process must outlive the command to report its end.
  process.on("SIGINT", () => undefined);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done, fail) => {
    child.on("error", (cause) => fail(new Error(`running "${command}": ${cause.message}`, { cause })));
    child.on("close", (status, signal) =>
      done(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    );
  });
}
