// Set-up of every lab test file: the first of a worker brings its lab up. One that failed may leave hosts joined, cut
// off or powered down, workloads, and runs at work: the next file in that lab starts with a new one, so that a failure
// is told once, by the file that has it.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, type RunnerTask } from "vitest";
import { setUpLab } from "./lab-set-up.ts";
import { lab } from "./test-lab.ts";

/** Is there from the end of a file without a failure to the beginning of the next one. */
const clean = join(lab.directory, "clean");
/** The image of the hosts may have to be built first, and all labs come up at once. */
const setUpMilliseconds = 600_000;

beforeAll(async () => {
  if (existsSync(clean)) rmSync(clean);
  else await setUpLab(lab);
}, setUpMilliseconds);

// biome-ignore lint/correctness/noEmptyPattern: vitest takes only a pattern here.
afterAll(({}, file) => {
  if (!hasFailed(file)) writeFileSync(clean, "");
});

function hasFailed(task: RunnerTask): boolean {
  return task.result?.state === "fail" || ("tasks" in task && task.tasks.some(hasFailed));
}
