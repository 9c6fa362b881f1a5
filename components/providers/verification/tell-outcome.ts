// What a run did to its pools, measured from what was noted, and told once when the last node is done.

import { whyNotReady } from "../../drain/not-ready.ts";
import { findShortages, newlyPending, type PodsThen } from "../../drain/outcome.ts";
import { takesPods } from "../../drain/placement.ts";
import { podKey } from "../../drain/pod-filters.ts";
import { countFree } from "../../drain/preview/fit.ts";
import { readAmounts } from "../../drain/preview/pod-requests.ts";
import { count, reportByReason } from "../../drain/report.ts";
import type { Node, Pod } from "../../kube/api.ts";
import { errorText } from "../errors.ts";
import { nodeNamed } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import type { Drained } from "../run-record.ts";
import { compared } from "./compared-pods.ts";
import { type PoolOutcome, sayOutcome } from "./outcome-text.ts";

/** Tells, once, what became of each pool: one more list of pods. Never fails. */
export async function tellOutcome(operation: Operation, progress: Progress): Promise<void> {
  const noted = operation.record.take();
  if (noted === undefined || noted.drains.length === 0) return;
  try {
    const [before, pods, nodes] = await Promise.all([
      noted.before,
      operation.kube.listPods(compared),
      operation.nodes(),
    ]);
    const now = operation.clusterTime();
    const scene = { before, pods, nodes, now, seconds: Math.round(now - noted.begunAt) };
    const byPool = [...Map.groupBy(noted.drains, ({ pool }) => pool)];
    const outcomes = byPool.map(([pool, drains]) => measure(operation, { pool, drains, ...scene }));
    await say(outcomes, newlyPending(before, pods), progress);
  } catch (error) {
    await progress.say(`what the run did to the pods was not measured: ${errorText(error)}`);
  }
}

interface Measured {
  readonly pool: string;
  readonly drains: readonly Drained[];
  readonly before: PodsThen;
  readonly pods: readonly Pod[];
  readonly nodes: readonly Node[];
  readonly now: number;
  readonly seconds: number;
}

function measure(
  operation: Operation,
  { pool, drains, before, pods, nodes, now, seconds }: Measured,
): PoolOutcome {
  const moved = drains.flatMap(({ summary }) => summary.moved);
  const { members = [] } = operation.declaration.roster ?? operation.declaration.configured ?? {};
  const ofPool = members.flatMap(({ node, pool: declared }) =>
    operation.poolNow(declared) === pool ? (nodeNamed(nodes, node) ?? []) : [],
  );
  return {
    pool,
    seconds,
    nodes: drains.map(({ node }) => node).sort(),
    moved: moved.length,
    waited: sum(drains.map(({ summary }) => summary.waited)),
    pastBudgets: sum(drains.map(({ summary }) => summary.deleted)),
    shortages: findShortages(moved, before, pods, now),
    headroom: headroomOf(ofPool.filter(takesPods), pods),
  };
}

function headroomOf(nodes: readonly Node[], pods: readonly Pod[]): PoolOutcome["headroom"] {
  const free = countFree(nodes, pods);
  const total = (resource: string) =>
    sum(nodes.map(({ status }) => readAmounts(status?.allocatable).get(resource) ?? 0));
  const left = (resource: string) =>
    sum([...free.values()].map((amounts) => Math.max(0, amounts.get(resource) ?? 0)));
  const resources = ["cpu", "memory"].map((resource) => ({
    ...{ resource, free: left(resource), of: total(resource) },
  }));
  return { nodes: nodes.length, resources };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}

/** With NODEPOOLS_FACTS=json as data, like the facts of the preview. */
async function say(
  outcomes: readonly PoolOutcome[],
  pending: readonly Pod[],
  progress: Progress,
): Promise<void> {
  const names = pending.map(podKey).sort();
  const isJson = process.env.NODEPOOLS_FACTS === "json";
  for (const outcome of outcomes) {
    const fact = { kind: "pool-outcome", severity: "info", ...outcome, pending: names };
    await progress.say(isJson ? JSON.stringify(fact) : sayOutcome(outcome, pending.length));
  }
  if (pending.length === 0 || isJson) return;
  const lines = reportByReason(pending.map((pod) => ({ reason: whyNotReady(pod), pod: podKey(pod) })));
  await progress.warn(
    `${count(pending.length, "pod")} without a node, not so before the run:${lines.map((line) => `\n  - ${line}`).join("")}`,
  );
}
