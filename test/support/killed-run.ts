// Runs of the real CLI that are killed with everything they started, at moments that a seed decides.
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { launch } from "../../lab/processes/launch.ts";
import { killUnit } from "../../lab/processes/units.ts";
import type { LabStack } from "../../lab/stack.ts";

/** What became of a run. */
export interface KilledRun {
  /** False when the run had ended by itself before its moment came. */
  readonly killed: boolean;
  readonly milliseconds: number;
  /** Exit status; null when the run was killed. */
  readonly status: number | null;
  readonly text: string;
}

const unit = "killed-run";

/** Runs `pulumi up` and kills it after so many milliseconds. */
export function upKilledAfter(lab: Lab, stack: LabStack, milliseconds: number): Promise<KilledRun> {
  return upKilledWhen(lab, stack, (signal) => sleep(milliseconds, undefined, { signal }));
}

/**
 * Runs `pulumi up` and kills it with SIGKILL when its moment has come: CLI with engine, language host, program,
 * providers and plugins, which are process groups of their own, by the control group that holds them all.
 */
export async function upKilledWhen(
  lab: Lab,
  stack: LabStack,
  momentComes: (isOver: AbortSignal) => Promise<void>,
): Promise<KilledRun> {
  const log = join(lab.logs, `${unit}.log`);
  rmSync(log, { force: true });
  const flags = ["--yes", "--skip-preview", "--non-interactive", "--color=never"];
  const where = ["--stack", stack.name, "--config-file", stack.configFile];
  const argv = insideNetwork(lab, ["pulumi", "up", ...flags, ...where]);
  const started = performance.now();
  const pulumi = await launch(lab, { unit, argv, log, env: definedOnly(labEnvironment(lab)) });
  const ended = once(pulumi, "exit").then(() => false);
  const over = new AbortController();
  let killed: boolean;
  let lasted: number;
  try {
    killed = await Promise.race([ended, momentComes(over.signal).then(() => true)]);
    lasted = performance.now() - started;
  } finally {
    over.abort();
    await killUnit(lab, unit);
    await ended;
  }
  return { killed, milliseconds: lasted, status: pulumi.exitCode, text: readFileSync(log, "utf8") };
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Returns `count` shares of a whole, one at random in each of `count` equal parts; the same for the same seed. */
export function stratifiedShares(count: number, random: () => number): number[] {
  return Array.from({ length: count }, (_, part) => (part + random()) / count);
}

/** Makes a generator of numbers from 0 to below 1 that a 32-bit seed decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
