// `npm run bench --`: runs the benchmark and takes its lab down afterwards, however it ended.
import { join } from "node:path";
import { down, openLab } from "../../lab/lab.ts";
import { runAttached } from "../../lab/processes/run-attached.ts";
import { parseCommandLine } from "./command-line.ts";

const lab = openLab(process.env.NODEPOOLS_LAB ?? join(import.meta.dirname, "../../.lab-bench"));

try {
  parseCommandLine(process.argv.slice(2));
  await down(lab);
  try {
    const program = join(import.meta.dirname, "run.ts");
    const env = { ...process.env, NODEPOOLS_LAB: lab.directory };
    // The work is a process of its own: Ctrl-C ends it, and this one cleans up after it.
    process.exitCode = await runAttached(["node", program, ...process.argv.slice(2)], env);
  } finally {
    await down(lab);
  }
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
