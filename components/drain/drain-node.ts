// Drains one node: cordon, evict, wait until its pods and volumes are gone.
import type { DrainPolicy } from "../model/drain-policy.ts";
import { type Beginning, beginDrain, endDrain } from "./begin-drain.ts";
import { gateOf } from "./budget-gate.ts";
import { type Clock, systemClock } from "./clock.ts";
import { DrainError } from "./drain-error.ts";
import type { DrainApi, DrainRun } from "./drain-run.ts";
import { Recreations } from "./recreation.ts";
import { removePods } from "./remove-pods.ts";
import { reportByReason } from "./report.ts";
import { type DrainSummary, nothingDone, summarize } from "./summary.ts";
import { waitForVolumes } from "./wait-for-volumes.ts";
import { Wakeup } from "./wakeup.ts";
import { NodeWatch } from "./watch-node.ts";

/** Says how a node is drained and who hears of it. */
export interface DrainOptions {
  readonly policy: DrainPolicy;
  /** Hears one short line whenever something changed, and every ten seconds. */
  readonly onProgress: (text: string) => void;
  readonly clock?: Clock;
}

/**
 * Cordons a node, evicts its pods and waits until they and their volumes are gone. The Node stays cordoned, on failure
 * as far as the policy does not want our own cordon lifted. A drain that was broken off goes on with its deadline.
 * Throws KubeError when cordoning fails (no pod is touched then), DrainError when a pod may not be evicted
 * (none is evicted then), when an eviction can never succeed, or at the deadline of the policy.
 */
export async function drainNode(
  api: DrainApi,
  nodeName: string,
  options: DrainOptions,
): Promise<DrainSummary> {
  const clock = options.clock ?? systemClock;
  const beginning = await beginDrain(api, nodeName, options.policy, clock.now());
  if (beginning === undefined) return nothingDone;
  const run = beginRun(api, nodeName, { ...options, clock }, beginning);
  try {
    await emptyNode(run);
  } catch (error) {
    await giveUp(run, error);
    throw error;
  }
  await finish(run);
  return summarize(run);
}

/** Begins anew when someone uncordoned the node on the way: pods may have come to where none was left. */
async function emptyNode(run: DrainRun): Promise<void> {
  const watch = new NodeWatch(run);
  let known: number;
  do {
    known = watch.uncordoned;
    await removePods(run, watch);
    await waitForVolumes(run, watch);
  } while (watch.uncordoned > known);
}

function beginRun(
  api: DrainApi,
  nodeName: string,
  options: DrainOptions & { readonly clock: Clock },
  { node, resumedFrom, isOurCordon, cordonedAt }: Beginning,
): DrainRun {
  const { policy, clock, onProgress } = options;
  if (resumedFrom !== undefined)
    onProgress(`goes on with the drain that started at ${new Date(resumedFrom).toISOString()}`);
  return {
    ...{ api, nodeName, policy, clock, onProgress, node, cordonedAt },
    gate: gateOf(api),
    startedAt: resumedFrom ?? clock.now(),
    isStamped: resumedFrom !== undefined,
    restores: policy.onFailure === "restore" && isOurCordon,
    wakeup: new Wakeup(),
    tries: new Map(),
    seen: new Map(),
    staying: new Map(),
    daemonSets: new Map(),
    namespaces: new Map(),
    recreations: new Recreations(),
    asked: new Set(),
    requestFailure: undefined,
    evicted: new Set(),
    deleted: new Set(),
    waited: new Set(),
    warnings: new Map(),
    fault: undefined,
  };
}

/** Leaves the Node as the policy wants it after a failure, and adds to the failure what is lost already. */
async function giveUp(run: DrainRun, failure: unknown): Promise<void> {
  const { api, nodeName, restores, isStamped } = run;
  const lines = reportByReason([...run.warnings.values()]);
  try {
    if (restores || isStamped) await endDrain(api, nodeName, restores);
  } catch (error) {
    lines.push(`the Node could not be marked as ended or uncordoned: ${(error as Error).message}`);
  }
  if (failure instanceof DrainError && lines.length > 0) failure.addConsequences(lines);
}

/** A mark that stays for now is no reason to fail a drain that is done: it ends with the drain's time. */
async function finish(run: DrainRun): Promise<void> {
  if (!run.isStamped) return;
  try {
    await endDrain(run.api, run.nodeName, false);
  } catch (error) {
    const reason = `the drain's start stays on the Node: ${(error as Error).message}`;
    run.warnings.set(reason, { reason, pod: `Node ${run.nodeName}` });
  }
}
