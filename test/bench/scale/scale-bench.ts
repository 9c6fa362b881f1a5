// `bench -- scale`: previews stacks with many nodes, ours and a bare program with as many resources by turns, prints one
// table and keeps the figures.

import { step } from "../../../lab/progress.ts";
import { makeSite, type Site } from "../../engine/site/site.ts";
import { startServing } from "../../support/kube-processes.ts";
import type { ScaleOrder } from "../command-line.ts";
import { keepFigures } from "../keep-figures.ts";
import { describeMachine } from "../machine.ts";
import { apiTraffic } from "./api-traffic.ts";
import { BareStack } from "./bare-program.ts";
import { LargeStack } from "./large-stack.ts";
import { createPods } from "./pods.ts";
import { type CliRun, watchRun } from "./process-tree.ts";
import { renderScaleReport } from "./report.ts";
import type { CaseName, ScaleRun, StateSize } from "./results.ts";

/** Measures all sizes; what was measured before a failure is told all the same. */
export async function benchScale(order: ScaleOrder): Promise<void> {
  const [runs, states]: [ScaleRun[], StateSize[]] = [[], []];
  try {
    for (const nodes of order.nodes)
      await withSite((site) => measureSize(site, nodes, order.rounds, runs, states));
  } finally {
    tell(order, runs, states);
  }
}

/** Gives each size an API server of its own: one stack does not take the Nodes of another. */
async function withSite(work: (site: Site) => Promise<void>): Promise<void> {
  const serving = await step("starting an API server", startServing);
  try {
    await work(await makeSite(Promise.resolve(serving.address)));
  } finally {
    await serving.stop();
  }
}

async function measureSize(
  site: Site,
  nodes: number,
  rounds: number,
  runs: ScaleRun[],
  states: StateSize[],
): Promise<void> {
  const bare = await step(`making a bare stack for ${nodes} nodes`, () => BareStack.create(site, nodes));
  const ours = await step(`making a stack of ${nodes} nodes`, () => LargeStack.create(site, nodes));
  try {
    states.push({ nodes, bytes: ours.stateBytes() });
    for (let round = 1; round <= rounds; round++) {
      const measure = (name: CaseName, run: CliRun) =>
        step(`${nodes} nodes, round ${round}: ${name}`, async () => {
          runs.push({ case: name, nodes, round, ...(await measureRun(site, ours, run)) });
        });
      await measure("ours: preview, no change", ours.preview());
      await measure("bare: preview, no change", bare.preview());
    }
    await measureChanges(site, ours, nodes, runs);
  } finally {
    await ours.remove();
  }
}

/** What costs more than a preview without a change, once each. */
async function measureChanges(site: Site, ours: LargeStack, nodes: number, runs: ScaleRun[]): Promise<void> {
  const measure = (name: CaseName, run: CliRun) =>
    step(`${nodes} nodes: ${name}`, async () => {
      runs.push({ case: name, nodes, round: 1, ...(await measureRun(site, ours, run)) });
    });
  const names = ours.invented.map(({ name }) => name);
  await step(`putting ${podsPerNode * names.length} pods on the nodes`, () =>
    createPods(site.core, names, podsPerNode),
  );
  ours.declare({ invented: Math.max(1, names.length - 30) });
  await measure("ours: preview, 30 removals", ours.preview());
  ours.declare({ more: 1 });
  await measure("ours: up, one more node", ours.up());
}

const podsPerNode = 30;

async function measureRun(site: Site, ours: LargeStack, run: CliRun) {
  const [traffic, logins] = [await apiTraffic(site.api), ours.logins()];
  const cost = await watchRun(run);
  const now = await apiTraffic(site.api);
  return {
    ...cost,
    requests: now.requests - traffic.requests,
    answerBytes: now.bytes - traffic.bytes,
    logins: ours.logins() - logins,
  };
}

function tell({ nodes, rounds }: ScaleOrder, runs: readonly ScaleRun[], states: readonly StateSize[]): void {
  if (runs.length === 0) return;
  const file = keepFigures("scale", { nodes, rounds, runs, states });
  console.log(`${renderScaleReport(runs, states)}\n\n${describeMachine()}; figures in ${file}`);
}
