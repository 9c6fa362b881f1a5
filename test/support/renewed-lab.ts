// Set-up of every lab test file. One that failed may leave hosts joined, cut off or powered down, workloads, and runs
// at work: the next file in that lab starts with a new one, so that a failure is told once, by the file that has it.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, type RunnerTask } from "vitest";
import { setUpLab } from "./lab-set-up.ts";
import { lab } from "./test-lab.ts";

/** Is there from the beginning of a file to its end without a failure; a worker that crashes leaves it too. */
const inUse = join(lab.directory, "in-use");

beforeAll(async () => {
  if (existsSync(inUse)) await setUpLab(lab);
  writeFileSync(inUse, "");
});

// biome-ignore lint/correctness/noEmptyPattern: vitest takes only a pattern here.
afterAll(({}, file) => {
  if (!hasFailed(file)) rmSync(inUse);
});

function hasFailed(task: RunnerTask): boolean {
  return task.result?.state === "fail" || ("tasks" in task && task.tasks.some(hasFailed));
}
