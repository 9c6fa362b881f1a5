// Measures one scenario inside the lab's network: every side by turns, each on a fresh population.
import { writeFileSync } from "node:fs";
import { ownerAnnotation } from "../../components/model/owner.ts";
import { step } from "../../lab/progress.ts";
import { markAuditLog, readRequests } from "./audit-log.ts";
import { watchBudgets } from "./budget-watcher.ts";
import { type Clients, connect } from "./clients.ts";
import { depopulate, populate } from "./population.ts";
import { SideProcesses } from "./processes.ts";
import { busySince, processorTimes } from "./processor-times.ts";
import type { MeasureOrder, SideName, SideRun } from "./results.ts";
import { nodeNames, type Scenario, scenarios } from "./scenario.ts";
import { drainInOneCall, drainInParallel, listNodes } from "./sides/kubectl.ts";
import { drainByProvider } from "./sides/ours.ts";
import type { DrainJob, Side } from "./sides/side.ts";
import { makeSimulatedNodes } from "./simulated-nodes.ts";

const sides: Readonly<Record<SideName, Side>> = {
  ours: drainByProvider,
  "kubectl, parallel": drainInParallel,
  "kubectl, one call": drainInOneCall,
};

const sideSeconds = 900;
const fullOneCallSeconds = 3600;

/** Runs one side on a fresh population. */
async function measureSide(
  clients: Clients,
  order: MeasureOrder,
  side: SideName,
  round: number,
): Promise<SideRun> {
  const scenario: Scenario = scenarios[order.scenario];
  const namespace = `bench-${order.scenario}-${round}-${Object.keys(sides).indexOf(side)}`;
  await populate(clients, scenario, namespace);
  const job = await jobOf(clients, order, side);
  const figures = await measureJob(clients, order, namespace, sides[side], job);
  await requireDrained(clients, job.nodes, namespace);
  await depopulate(clients, namespace);
  const nodes = job.nodes.length;
  return { side, round, nodes, pods: nodes * scenario.podsPerNode, ...figures };
}

/** Lets a side do its job and takes its figures. */
async function measureJob(
  clients: Clients,
  order: MeasureOrder,
  namespace: string,
  side: Side,
  job: Omit<DrainJob, "processes">,
): Promise<Pick<SideRun, "seconds" | "busy" | "memory" | "requests" | "budgets">> {
  using processes = new SideProcesses(job.timeoutSeconds);
  using watcher = await watchBudgets(clients, scenarios[order.scenario], namespace);
  const mark = markAuditLog(order.auditLog);
  const before = processorTimes();
  const startedAt = performance.now();
  await side({ ...job, processes });
  const seconds = (performance.now() - startedAt) / 1000;
  const busy = busySince(before);
  const requests = await readRequests(order.auditLog, mark);
  return { seconds, busy, memory: processes.peak(), requests, budgets: watcher.sightings() };
}

async function jobOf(
  { core }: Clients,
  order: MeasureOrder,
  side: SideName,
): Promise<Omit<DrainJob, "processes">> {
  const scenario: Scenario = scenarios[order.scenario];
  const { leaving } = nodeNames(scenario);
  const isOneCall = side === "kubectl, one call";
  const first = await core.readNode({ name: leaving[0] ?? "" });
  return {
    nodes: isOneCall && !order.full ? leaving.slice(0, scenario.oneCallNodes) : leaving,
    maxUnavailable: scenario.maxUnavailable,
    owner: first.metadata?.annotations?.[ownerAnnotation] ?? "",
    kubeconfig: order.kubeconfig,
    timeoutSeconds: isOneCall && order.full ? fullOneCallSeconds : sideSeconds,
  };
}

/** A side that left pods behind has measured nothing. */
async function requireDrained({ core }: Clients, nodes: readonly string[], namespace: string): Promise<void> {
  const drained = new Set(nodes);
  const { items } = await core.listNamespacedPod({ namespace });
  const left = items.filter(({ spec }) => drained.has(spec?.nodeName ?? ""));
  if (left.length === 0) return;
  const names = left.slice(0, 3).map(({ metadata }) => metadata?.name);
  throw new Error(`checking the drained nodes: ${left.length} pods are left, such as ${names.join(", ")}`);
}

/** The order changes from round to round, so that no side always comes first. */
function sidesOfRound(order: MeasureOrder, round: number): readonly SideName[] {
  const paired: readonly SideName[] = ["ours", "kubectl, parallel"];
  const turned = round % 2 === 1 ? paired : paired.toReversed();
  const scenario: Scenario = scenarios[order.scenario];
  return round === 1 && scenario.oneCallNodes !== undefined ? [...turned, "kubectl, one call"] : turned;
}

/** Fills kubectl's cache of what the server offers, as a user's is. */
async function warmUpKubectl(clients: Clients, order: MeasureOrder): Promise<void> {
  const job = await jobOf(clients, order, "kubectl, parallel");
  using processes = new SideProcesses(job.timeoutSeconds);
  await listNodes({ ...job, processes });
}

async function measure(order: MeasureOrder): Promise<readonly SideRun[]> {
  const clients = connect();
  if (scenarios[order.scenario].nodes === "simulated") {
    await step("simulated nodes", () => makeSimulatedNodes(clients, scenarios[order.scenario]));
  }
  await warmUpKubectl(clients, order);
  const runs: SideRun[] = [];
  for (let round = 1; round <= order.rounds; round++) {
    for (const side of sidesOfRound(order, round)) {
      const title = `${order.scenario}, round ${round} of ${order.rounds}: ${side}`;
      runs.push(await step(title, () => measureSide(clients, order, side, round)));
    }
  }
  return runs;
}

const order = JSON.parse(process.argv[2] ?? "") as MeasureOrder;
try {
  writeFileSync(order.output, JSON.stringify(await measure(order)));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
