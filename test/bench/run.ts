// Runs the benchmark that was asked for on a lab of its own.
import { join } from "node:path";
import { openLab } from "../../lab/lab.ts";
import { parseCommandLine } from "./command-line.ts";
import { benchDrain } from "./drain-bench.ts";
import { benchJoin } from "./join/join-bench.ts";

const lab = openLab(process.env.NODEPOOLS_LAB ?? join(import.meta.dirname, "../../.lab-bench"));
const order = parseCommandLine(process.argv.slice(2));

try {
  if (order.benchmark === "drain") await benchDrain(lab, order);
  else await benchJoin(lab, order);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
