// A hook that is a command on the host: its text goes to the host's shell on stdin, so that no process list shows it.
import { hookInput } from "../../kubeadm/marker.ts";
import { loadHostScripts } from "../../kubeadm/scripts.ts";
import { durations } from "../../model/durations.ts";
import { lastLines } from "../../model/foreign-text.ts";
import { openJoinedHost } from "../host.ts";
import type { Operation } from "../operation.ts";
import type { HookRun } from "./hooked-node.ts";

const shownLines = 5;

/** Runs the command as root, and returns the last lines that it said, in one. Throws when it fails or does not end in time. */
export async function runCommand(
  { ssh }: Operation,
  { target, occasion, point, hook }: HookRun,
): Promise<string> {
  await using session = await openJoinedHost(target, ssh);
  const { timeoutSeconds: seconds, command = "" } = hook;
  const { stdout } = await session.run(loadHostScripts().hook, {
    task: `hook ${point} ${hook.name}`,
    stdin: hookInput(target, { pool: target.pool, point, occasion, seconds }, command),
    // A command that a killed run left at work is waited for as long.
    timeoutSeconds: 2 * seconds + durations.providers.hookEnd,
  });
  return inOneLine(stdout);
}

/** Shows the end of what a hook says, in one line. */
export function inOneLine(text: string): string {
  return lastLines(text, shownLines).filter(Boolean).join(" | ");
}
