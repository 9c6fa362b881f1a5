// Starts a long-lived process of the lab as a unit of its own, which outlives the caller.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { Lab } from "../lab-folder.ts";
import { makeUnit } from "./units.ts";

/** What to start. */
export interface Launch {
  readonly unit: string;
  readonly argv: readonly string[];
  /** Added to the caller's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output and error are appended here: a pipe would die with the caller, or hold it up. */
  readonly log: string;
}

const launcher = join(import.meta.dirname, "launch.sh");

/** Starts the process and returns when it is in its groups; what comes of it is seen in its log. */
export async function launch(lab: Lab, { unit, argv, env, log }: Launch): Promise<ChildProcess> {
  const groups = makeUnit(lab, unit);
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "a");
  const child = spawn("/bin/sh", [launcher, ...argv], {
    detached: true,
    stdio: ["ignore", output, output, "pipe"],
    env: { ...process.env, ...env, CGROUPS: groups.join("\n") },
  });
  closeSync(output);
  child.unref();
  const entered = child.stdio[3] as Readable;
  await new Promise((done) => entered.resume().once("close", done));
  return child;
}
