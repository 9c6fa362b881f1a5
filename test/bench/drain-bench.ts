// `bench -- drain`: has each scenario measured inside the lab's network, prints the table and keeps the figures.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, labEnvironment, up } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { runAttached } from "../../lab/processes/run-attached.ts";
import type { DrainOrder } from "./command-line.ts";
import { auditLogOf, controlPlaneFlags } from "./control-plane-flags.ts";
import { makeDrainerKubeconfig } from "./drainer.ts";
import { joinHosts } from "./hosts.ts";
import { keepFigures } from "./keep-figures.ts";
import { startKwok, stopKwok } from "./kwok.ts";
import { describeMachine } from "./machine.ts";
import { renderReport } from "./report.ts";
import type { MeasureOrder, ScenarioResult, SideRun } from "./results.ts";
import { type ScenarioName, scenarios } from "./scenario.ts";

/** Measures the drain in every wanted scenario; what was measured before a failure is told all the same. */
export async function benchDrain(lab: Lab, wanted: DrainOrder): Promise<void> {
  const results: ScenarioResult[] = [];
  try {
    await up(lab, { hosts: 0, controlPlaneFlags: controlPlaneFlags(lab) });
    const kubeconfig = await makeDrainerKubeconfig(lab);
    const measureOne = (scenario: ScenarioName) => measure(lab, wanted, scenario, kubeconfig);
    await measureAll(lab, wanted, "simulated", measureOne, results);
    await measureAll(lab, wanted, "hosts", measureOne, results);
  } finally {
    tell(wanted, results);
  }
}

/** Prepares the nodes that the scenarios of one kind need, and measures them; adds to `results` as it goes. */
async function measureAll(
  lab: Lab,
  wanted: DrainOrder,
  kind: "simulated" | "hosts",
  measureOne: (scenario: ScenarioName) => Promise<ScenarioResult>,
  results: ScenarioResult[],
): Promise<void> {
  const names = wanted.scenarios.filter((name) => scenarios[name].nodes === kind);
  if (names.length === 0) return;
  if (kind === "simulated") await startKwok(lab);
  else await joinHosts(lab);
  for (const name of names) results.push(await measureOne(name));
  if (kind === "simulated") await stopKwok(lab);
}

/** Measures one scenario in a process inside the lab's network, which ends with this one. */
async function measure(
  lab: Lab,
  { rounds, full }: DrainOrder,
  scenario: ScenarioName,
  kubeconfig: string,
): Promise<ScenarioResult> {
  const output = join(lab.directory, `${scenario}.json`);
  const order: MeasureOrder = { scenario, rounds, full, kubeconfig, auditLog: auditLogOf(lab), output };
  const program = join(import.meta.dirname, "measure.ts");
  const argv = insideNetwork(lab, [
    "setpriv",
    "--pdeathsig=KILL",
    "--",
    "node",
    program,
    JSON.stringify(order),
  ]);
  const status = await runAttached(argv, labEnvironment(lab));
  if (status !== 0) throw new Error(`measuring scenario "${scenario}": it ended with status ${status}`);
  return { scenario, runs: JSON.parse(readFileSync(output, "utf8")) as SideRun[] };
}

function tell({ scenarios, rounds, full }: DrainOrder, results: readonly ScenarioResult[]): void {
  if (results.length === 0) return;
  const file = keepFigures("drain", { scenarios, rounds, full, results });
  console.log(`${renderReport(results)}\n\n${describeMachine()}; figures in ${file}`);
}
