// Drains one node: cordon, evict, wait until its pods and volumes are gone.
import type { DrainPolicy } from "../model/drain-policy.ts";
import { type Beginning, beginDrain, endDrain } from "./begin-drain.ts";
import { gateOf } from "./budget-gate.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type DrainApi, type DrainRun, isUnreachable } from "./drain-run.ts";
import { Recreations } from "./recreation.ts";
import { removePods } from "./remove-pods.ts";
import { type DrainSummary, nothingDone, summarize } from "./summary.ts";
import { noteVolumesLeft, waitForVolumes } from "./wait-for-volumes.ts";
import { Wakeup } from "./wakeup.ts";

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
    await removePods(run, beginning.wasSchedulable);
    if (isUnreachable(run.node)) await noteVolumesLeft(run);
    else await waitForVolumes(run);
  } catch (error) {
    await giveUp(run);
    throw error;
  }
  if (run.isStamped) await endDrain(api, nodeName, false);
  return summarize(run);
}

function beginRun(
  api: DrainApi,
  nodeName: string,
  options: DrainOptions & { readonly clock: Clock },
  { node, resumedFrom, isOurCordon }: Beginning,
): DrainRun {
  const { policy, clock, onProgress } = options;
  if (resumedFrom !== undefined)
    onProgress(`goes on with the drain that started at ${new Date(resumedFrom).toISOString()}`);
  return {
    ...{ api, nodeName, policy, clock, onProgress, node },
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

/** Leaves the Node as the policy wants it after a failure. */
async function giveUp({ api, nodeName, restores, isStamped, onProgress }: DrainRun): Promise<void> {
  if (!restores && !isStamped) return;
  await endDrain(api, nodeName, restores).catch((error: Error) =>
    onProgress(`the Node stays as it is: ${error.message}`),
  );
}
