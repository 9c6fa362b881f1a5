// What an administrator types where the cluster is administered.
import { expect } from "vitest";
import { runInLab } from "../../lab/lab.ts";
import { lab } from "../support/test-lab.ts";

/** Runs shell commands and returns their output; fails the test when they fail. */
export async function byHand(commands: string): Promise<string> {
  const run = await runInLab(lab, ["sh", "-c", commands], { timeoutSeconds: 400 });
  expect(run.status, `${commands}: ${run.stderr}`).toBe(0);
  return run.stdout.trim();
}
