// Drains one node: cordon, evict, wait until its pods and volumes are gone.
import type { Node } from "../kube/api.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { type Clock, systemClock } from "./clock.ts";
import { cordonNode } from "./cordon.ts";
import { DrainError } from "./drain-error.ts";
import { describeProgress } from "./drain-progress.ts";
import {
  type DrainApi,
  type DrainRun,
  isOver,
  remarkOn,
  secondsSince,
  type TrackedPod,
} from "./drain-run.ts";
import { evictDuePods } from "./evict-pods.ts";
import { lookAtNode } from "./look-at-node.ts";
import { podKey } from "./pod-filters.ts";
import { count, reportByReason } from "./report.ts";
import { waitForVolumes } from "./wait-for-volumes.ts";

/** Says how a node is drained and who hears of it. */
export interface DrainOptions {
  readonly policy: DrainPolicy;
  /** Hears one short line whenever something changed, and every ten seconds. */
  readonly onProgress: (text: string) => void;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Sums up a finished drain. */
export interface DrainSummary {
  /** False when there was no such Node, so that nothing was done. */
  readonly nodeFound: boolean;
  /** Pods whose eviction the server accepted from this drain. */
  readonly evicted: number;
  /** Consequences, grouped: one line per reason. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

const pollMs = 1000;
const progressEverySeconds = 10;
// A scheduler that has not yet heard of the cordon may still bind a pod.
const settleMs = 2000;

/**
 * Cordons a node, evicts its pods and waits until they and their volumes are gone. The Node stays cordoned, also on failure.
 * Throws KubeError when cordoning fails (no pod is touched then), DrainError when a pod may not be evicted
 * (none is evicted then), when an eviction can never succeed, or at the deadline of the policy.
 */
export async function drainNode(
  api: DrainApi,
  nodeName: string,
  options: DrainOptions,
): Promise<DrainSummary> {
  const clock = options.clock ?? systemClock;
  const startedAt = clock.now();
  const outcome = await cordonNode(api, nodeName, clock);
  const node = outcome === "absent" ? undefined : await api.readNode(nodeName);
  if (!node) return { nodeFound: false, evicted: 0, warnings: [], seconds: 0 };
  const run = beginRun(api, node, nodeName, { ...options, clock }, startedAt);
  const settledAt = startedAt + (outcome === "changed" ? settleMs : 0);
  await removePods(run, settledAt);
  if (!run.nodeUnreachable) await waitForVolumes(run);
  const warnings = reportByReason([...run.warnings.values()]);
  return { nodeFound: true, evicted: run.evicted.size, warnings, seconds: secondsSince(run) };
}

function beginRun(
  api: DrainApi,
  node: Node,
  nodeName: string,
  options: DrainOptions & { readonly clock: Clock },
  startedAt: number,
): DrainRun {
  return {
    api,
    nodeName,
    startedAt,
    policy: options.policy,
    clock: options.clock,
    signal: options.signal,
    onProgress: options.onProgress,
    nodeUnreachable: isUnreachable(node),
    tries: new Map(),
    seen: new Map(),
    staying: new Map(),
    daemonSets: new Map(),
    evicted: new Set(),
    warnings: new Map(),
    lastListFailure: undefined,
  };
}

/** Tells whether the kubelet has stopped reporting; a kubelet that reports Ready=False still ends pods. */
function isUnreachable(node: Node): boolean {
  return (
    node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "Unknown") ?? false
  );
}

/** Looks at the node once a second until nothing is left that must go; so pods bound late are seen as well. */
async function removePods(run: DrainRun, settledAt: number): Promise<void> {
  const report = progressReporter(run);
  for (;;) {
    const tracked = await lookAtNode(run);
    if (tracked?.length === 0 && (run.clock.now() >= settledAt || isOver(run))) return;
    run.signal?.throwIfAborted();
    if (isOver(run)) throw timeIsOver(run, tracked);
    if (tracked?.length) {
      assertHope(run, tracked);
      await evictDuePods(run, tracked);
      report(tracked);
    }
    await run.clock.sleep(pollMs, run.signal);
  }
}

/** Throws before the first eviction when a pod is refused, later when nothing but lost causes is left. */
function assertHope(run: DrainRun, tracked: readonly TrackedPod[]): void {
  const refused = tracked.filter(({ verdict }) => verdict.action === "refuse");
  if (refused.length > 0 && run.evicted.size === 0) {
    const remarks = refused.flatMap(({ pod, verdict }) =>
      verdict.refusals.map((reason) => ({ reason, pod: podKey(pod) })),
    );
    const cause = `${count(refused.length, "pod")} may not be evicted, so none was`;
    throw new DrainError(run.nodeName, cause, remarks, "The Node stays cordoned. Allow it or move them.");
  }
  const lost = tracked.filter(({ verdict, tries }) => verdict.action === "refuse" || tries.hopeless);
  if (lost.length < tracked.length) return;
  const cause = `${count(lost.length, "pod")} cannot be evicted`;
  const remedy = "All other pods are gone and the Node stays cordoned. Remove the cause and run again.";
  throw new DrainError(run.nodeName, cause, lost.map(remarkOn), remedy);
}

function timeIsOver(run: DrainRun, tracked: readonly TrackedPod[] | undefined): DrainError {
  const seconds = run.policy.timeoutSeconds;
  const remedy = "The Node stays cordoned. Remove the cause or raise drain.timeoutSeconds, then run again.";
  if (!tracked)
    return new DrainError(
      run.nodeName,
      `after ${seconds} s its pods are unknown: ${run.lastListFailure}`,
      [],
      remedy,
    );
  const cause = `${count(tracked.length, "pod")} still there after ${seconds} s`;
  return new DrainError(run.nodeName, cause, tracked.map(remarkOn), remedy);
}

/** Returns a reporter that speaks when something changed, and every ten seconds otherwise. */
function progressReporter(run: DrainRun): (tracked: readonly TrackedPod[]) => void {
  let last = "";
  let lastAt = 0;
  return (tracked) => {
    const text = describeProgress(run.seen.size, tracked);
    const seconds = secondsSince(run);
    if (text === last && seconds - lastAt < progressEverySeconds) return;
    last = text;
    lastAt = seconds;
    run.onProgress(`${text} ${seconds} s`);
  };
}
