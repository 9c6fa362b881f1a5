// Brings the benchmark's lab up, has each scenario measured inside it, prints the table and keeps the figures.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { labEnvironment, openLab, up } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import { runAttached } from "../../lab/processes/run-attached.ts";
import { parseCommandLine } from "./command-line.ts";
import { auditLogOf, controlPlaneFlags } from "./control-plane-flags.ts";
import { makeDrainerKubeconfig } from "./drainer.ts";
import { joinHosts } from "./hosts.ts";
import { startKwok, stopKwok } from "./kwok.ts";
import { describeMachine } from "./machine.ts";
import { renderReport } from "./report.ts";
import type { MeasureOrder, ScenarioResult, SideRun } from "./results.ts";
import { type ScenarioName, scenarios } from "./scenario.ts";

const project = join(import.meta.dirname, "../..");
const resultsFolder = join(project, "bench-results");
const lab = openLab(process.env.NODEPOOLS_LAB ?? join(project, ".lab-bench"));
const wanted = parseCommandLine(process.argv.slice(2));

/** Measures one scenario in a process inside the lab's network, which ends with this one. */
async function measure(scenario: ScenarioName, kubeconfig: string): Promise<ScenarioResult> {
  const output = join(lab.directory, `${scenario}.json`);
  const { rounds, full } = wanted;
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

/** Prepares the nodes that the scenarios of one kind need, and measures them; adds to `results` as it goes. */
async function measureAll(
  kind: "simulated" | "hosts",
  kubeconfig: string,
  results: ScenarioResult[],
): Promise<void> {
  const names = wanted.scenarios.filter((name) => scenarios[name].nodes === kind);
  if (names.length === 0) return;
  if (kind === "simulated") await startKwok(lab);
  else await joinHosts(lab);
  for (const name of names) results.push(await measure(name, kubeconfig));
  if (kind === "simulated") await stopKwok(lab);
}

function keep(results: readonly ScenarioResult[]): string {
  mkdirSync(resultsFolder, { recursive: true });
  const at = new Date().toISOString();
  const path = join(resultsFolder, `drain-${at.replaceAll(":", "-").slice(0, 19)}.json`);
  writeFileSync(
    path,
    `${JSON.stringify({ at, machine: describeMachine(), ...wanted, results }, undefined, 2)}\n`,
  );
  return path;
}

function tell(results: readonly ScenarioResult[]): void {
  if (results.length === 0) return;
  const file = keep(results);
  console.log(`${renderReport(results)}\n\n${describeMachine()}; figures in ${file}`);
}

const results: ScenarioResult[] = [];
try {
  await up(lab, { hosts: 0, controlPlaneFlags: controlPlaneFlags(lab) });
  const kubeconfig = await makeDrainerKubeconfig(lab);
  await measureAll("simulated", kubeconfig, results);
  await measureAll("hosts", kubeconfig, results);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
tell(results);
