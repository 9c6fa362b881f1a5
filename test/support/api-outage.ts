// An API server that goes away while the CLI runs, and what the runs say of it.
import { setTimeout as sleep } from "node:timers/promises";
import { setApiServer } from "../../lab/control-plane/api-server.ts";
import { lab } from "./test-lab.ts";

/** What a restart takes beside the time in which the API server starts, which is as long again. */
const restartSeconds = 4;

/** Comes back after a while, however long what waits for it takes to begin. */
export async function comeBack(): Promise<void> {
  await sleep(restartSeconds * 1000);
  await setApiServer(lab, "serving");
}

/** Waits for what goes on while the server is away, however it ends, and has it serve again. */
export async function meanwhile<Seen>(away: Promise<Seen>): Promise<Seen> {
  try {
    return await away;
  } finally {
    await setApiServer(lab, "serving");
  }
}

/** Names the resources with an error in the diagnostics of a run, by type's last part and name; the stack's own is none. */
export function failedResources(text: string): string[] {
  const sections = diagnostics(text).split(/^ {2}(?=\S)/m);
  const failed = sections.filter((section) => /^ {4}error: /m.test(section));
  return failed
    .map((section) => section.replace(/^\S*:(\S+) \((\S+)\):.*/s, "$1 $2"))
    .filter((name) => !name.startsWith("Stack "))
    .sort();
}

/** Returns what the diagnostics of a run say of one resource, by its type's last part and its name. */
export function errorsOf(text: string, type: string, name: string): string {
  const [, after = ""] = diagnostics(text).split(`:${type} (${name}):\n`);
  return after.split(/\n(?= {2}\S)/)[0] ?? "";
}

function diagnostics(text: string): string {
  return text.split("Diagnostics:")[1]?.split(/^\S/m)[0] ?? "";
}
