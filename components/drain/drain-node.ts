// Drains one node: cordon, evict, wait until its pods and volumes are gone.
import type { Node } from "../kube/api.ts";
import { type Clock, News, systemClock, writeTime } from "../model/clock.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { durations } from "../model/durations.ts";
import { beginDrain, type DrainStart, endDrain, stampStart } from "./begin-drain.ts";
import { gateOf } from "./budget-gate.ts";
import { clusterClock, type DrainApi, type DrainContext } from "./context.ts";
import { Ledger } from "./ledger.ts";
import { observePods, PodJudge } from "./look-at-node.ts";
import { NodeWatch } from "./node-watch.ts";
import type { Drain, PhaseEnd, StartMark } from "./phase.ts";
import { Readiness } from "./readiness.ts";
import { Recreations } from "./recreation.ts";
import { removePods } from "./remove-pods.ts";
import { DrainError, reportByReason } from "./report.ts";
import { Requests } from "./requests.ts";
import { RolloutRestarts } from "./restart-rollouts.ts";
import { type DrainSummary, nothingDone, summarize } from "./summary.ts";
import { findUnplaced } from "./unplaced.ts";
import { waitForReplacements } from "./wait-for-replacements.ts";
import { waitForVolumes } from "./wait-for-volumes.ts";

/** Says how a node is drained and who hears of it. */
export interface DrainOptions {
  readonly policy: DrainPolicy;
  /** The machine that is drained: another one's Node of this name is none of ours. Whatever has the name when absent. */
  readonly machineId?: string;
  /** Hears one short line whenever something changed, and every ten seconds. */
  readonly onProgress: (text: string) => void;
  readonly clock?: Clock;
}

/** What happens between the cordon and the end, in this order. */
const phases: readonly ((drain: Drain) => Promise<PhaseEnd>)[] = [
  removePods,
  waitForVolumes,
  waitForReplacements,
];

/**
 * Cordons a node, evicts its pods, waits until they and their volumes are gone and, where the policy wants that, until
 * others are Ready in their place. The Node stays cordoned, on failure as far as the policy does not want our own cordon
 * lifted. A drain that was broken off goes on with its deadline.
 * Throws KubeError when cordoning fails (no pod is touched then), DrainError when a pod may not be evicted
 * (none is evicted then), when an eviction can never succeed, or at a deadline of the policy.
 */
export async function drainNode(
  api: DrainApi,
  nodeName: string,
  options: DrainOptions,
): Promise<DrainSummary> {
  const drain = await begin(api, nodeName, options);
  if (drain === undefined) return nothingDone;
  using _ = drain.readiness;
  try {
    await runPhases(drain);
  } catch (error) {
    await giveUp(drain, error);
    throw error;
  }
  await finish(drain);
  return summarize(drain.context, drain.ledger);
}

/** Begins anew when someone uncordoned the node on the way: pods may have come to where none was left. */
async function runPhases(drain: Drain): Promise<void> {
  let known: number;
  do {
    known = drain.watch.uncordoned;
    for (const phase of phases) if ((await phase(drain)) === "node-gone") return;
  } while (drain.watch.uncordoned > known);
}

/** Cordons the Node; undefined when there is none. */
async function begin(api: DrainApi, nodeName: string, options: DrainOptions): Promise<Drain | undefined> {
  const clock = clusterClock(api, options.clock ?? systemClock);
  const start = await beginDrain(api, nodeName, options.policy, clock.now, options.machineId);
  if (start === undefined) return undefined;
  const context = describe(api, nodeName, options, clock, start);
  const drain = assemble(context, start.node, start.resumedFrom !== undefined);
  if (context.isResumed)
    context.onProgress(`resuming the drain that started at ${writeTime(context.startedAt)}`);
  tellSkew(drain);
  return drain;
}

function describe(
  api: DrainApi,
  nodeName: string,
  { policy, onProgress }: DrainOptions,
  clock: Clock,
  { resumedFrom, isOurCordon, cordonedAt }: DrainStart,
): DrainContext {
  return {
    ...{ api, nodeName, policy, clock, onProgress, cordonedAt },
    gate: gateOf(api),
    news: new News(),
    startedAt: resumedFrom ?? clock.now(),
    isResumed: resumedFrom !== undefined,
    restores: policy.onFailure === "restore" && isOurCordon,
  };
}

function assemble(context: DrainContext, node: Node, isStamped: boolean): Drain {
  const ledger = new Ledger();
  const watch = new NodeWatch(context, ledger, node);
  const recreations = new Recreations();
  const judge = new PodJudge(context, watch);
  return {
    ...{ context, ledger, watch, recreations },
    requests: new Requests(context.news),
    startMark: makeStartMark(context, watch, isStamped),
    readiness: new Readiness(context, ledger, watch),
    restarts: new RolloutRestarts(context, ledger),
    observe: (pods) => observePods(judge, ledger, recreations, pods),
  };
}

function makeStartMark({ api, startedAt }: DrainContext, watch: NodeWatch, isStamped: boolean): StartMark {
  let isSet = isStamped;
  return {
    get isSet() {
      return isSet;
    },
    async set() {
      if (!isSet) await stampStart(api, watch.node, startedAt);
      isSet = true;
    },
  };
}

/** The drain itself goes by the cluster's time; tokens, certificates and logs of this machine do not. */
function tellSkew({ context, ledger }: Drain): void {
  const ahead = Math.round(context.api.clockOffset());
  if (Math.abs(ahead) < durations.drain.toldSkew) return;
  const text = `this machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? "behind" : "ahead of"} the cluster's, whose time the drain goes by`;
  ledger.note(text, `Node ${context.nodeName}`);
}

/** Leaves the Node as the policy wants it after a failure, and adds to the failure what has happened already. */
async function giveUp({ context, ledger, watch, startMark }: Drain, failure: unknown): Promise<void> {
  const lines = reportByReason(ledger.events);
  try {
    if (context.restores || startMark.isSet) await endDrain(context.api, watch.node, context.restores);
  } catch (error) {
    lines.push(`the Node could not be marked as ended or uncordoned: ${(error as Error).message}`);
  }
  if (!(failure instanceof DrainError)) return;
  failure.addUnplaced(await findUnplaced(context, ledger));
  if (lines.length > 0) failure.addConsequences(lines);
}

/** A mark that stays for now is no reason to fail a drain that is done: it ends with the drain's time. */
async function finish({ context, ledger, watch, startMark, readiness }: Drain): Promise<void> {
  try {
    if (startMark.isSet) await endDrain(context.api, watch.node, false);
    await readiness.forget();
  } catch (error) {
    const reason = `the drain's start stays on the Node: ${(error as Error).message}`;
    ledger.note(reason, `Node ${context.nodeName}`);
  }
}
