// Runs the benchmark that was asked for on a lab of its own.
import { join } from "node:path";
import { openLab } from "../../lab/lab.ts";
import { parseCommandLine } from "./command-line.ts";
import { benchDrain } from "./drain-bench.ts";
import { benchJoin } from "./join/join-bench.ts";
import { benchScale } from "./scale/scale-bench.ts";
import { benchScaleIn } from "./scale-in/scale-in-bench.ts";

const lab = openLab(process.env.NODEPOOLS_LAB ?? join(import.meta.dirname, "../../.lab-bench"));
const order = parseCommandLine(process.argv.slice(2));

try {
  if (order.benchmark === "drain") await benchDrain(lab, order);
  else if (order.benchmark === "join") await benchJoin(lab, order);
  else if (order.benchmark === "scale-in") await benchScaleIn(lab, order);
  else await benchScale(order);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
