// Runs of the CLI: how they have to end, and what they say.
import { expect } from "vitest";
import type { PulumiRun } from "../../lab/stack.ts";

/** Waits for a run that has to succeed; otherwise the test fails with all that it said. */
export async function succeeds<Run extends PulumiRun>(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run.ok, run.text).toBe(true);
  return run;
}

/** Waits for a run that has to fail; otherwise the test fails with all that it said. */
export async function fails<Run extends PulumiRun>(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run.ok, run.text).toBe(false);
  return run;
}

/** Returns what a run says of one resource, by its type's last part and its name. */
export function rowsOf({ text }: PulumiRun, type: string, name: string): string[] {
  return text.split("\n").filter((line) => new RegExp(`${type} +${name} `).test(line));
}
