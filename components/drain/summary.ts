// What a drain says while it goes on, and of itself in the end. Pure but for the line that it hands on.
import type { Pod } from "../kube/api.ts";
import { durations } from "../model/durations.ts";
import { type DrainContext, secondsSince } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { isDaemonSetPod, isServing, isWork, ownerKey, podController } from "./pod-filters.ts";
import { heldSince, type LedgerEntry, remarkOn } from "./pod-state.ts";
import { count, reportByReason } from "./report.ts";

/** Sums up a finished drain. */
export interface DrainSummary {
  /** False when there was no such Node, so that nothing was done. */
  readonly nodeFound: boolean;
  /** Pods whose eviction the server accepted from this drain. */
  readonly evicted: number;
  /** Pods that the rollout of their Deployment moved. */
  readonly restarted: number;
  /** Pods that were deleted past their budgets. */
  readonly deleted: number;
  /** Pods that had to wait for a budget. */
  readonly waited: number;
  /** Consequences, grouped: one line per reason. */
  readonly warnings: readonly string[];
  /** Since the start, a former run's part included. */
  readonly seconds: number;
  /** The pods that this drain told to go. */
  readonly moved: readonly MovedPod[];
}

/** A pod that was told to go. */
export interface MovedPod {
  /** As `shop/Deployment cart`. */
  readonly owner: string;
  /** Seconds since 1970, on the cluster's clock. */
  readonly at: number;
  /** Whether it served until then, for an owner that keeps a number of such pods. */
  readonly wasServing: boolean;
}

/** Sums up the drain of a Node that does not exist. */
export const nothingDone: DrainSummary = {
  nodeFound: false,
  evicted: 0,
  restarted: 0,
  deleted: 0,
  waited: 0,
  warnings: [],
  seconds: 0,
  moved: [],
};

/** Sums up a drain that has ended well. */
export function summarize(context: DrainContext, ledger: Ledger): DrainSummary {
  return {
    nodeFound: true,
    ...ledger.counts,
    warnings: reportByReason(ledger.consequences),
    seconds: secondsSince(context),
    moved: ledger.moved.map(({ pod, at }) => ({
      ...{ owner: ownerKey(pod), at },
      wasServing: isServing(pod) && isKept(pod),
    })),
  };
}

function isKept(pod: Pod): boolean {
  return podController(pod) !== undefined && !isDaemonSetPod(pod) && !isWork(pod);
}

/** Sums a finished drain up in one line, such as `drained: 12 pods moved, 3 waited for budgets, 41 s`. */
export function describeSummary(summary: DrainSummary): string {
  const { nodeFound, evicted, restarted, deleted, waited, seconds } = summary;
  if (!nodeFound) return "nothing to drain: its Node is gone";
  const parts = [
    `${count(evicted + restarted, "pod")} moved`,
    ...(restarted > 0
      ? [`${restarted} by a restart of ${restarted === 1 ? "its owner" : "their owners"}`]
      : []),
    ...(deleted > 0 ? [`${deleted} deleted past their budgets`] : []),
    ...(waited > 0 ? [`${waited} waited for budgets`] : []),
  ];
  return `drained: ${parts.join(", ")}, ${seconds} s`;
}

/** Tells how far a drain is when something changed, and now and then otherwise. */
export class ProgressReport {
  readonly #context: DrainContext;
  readonly #ledger: Ledger;
  #last = "";
  #lastAt = 0;

  constructor(context: DrainContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /** Says a line if there is something to say. */
  tell(): void {
    const remaining = this.#ledger.remaining;
    const text = describeProgress(this.#ledger.size, remaining);
    const seconds = secondsSince(this.#context);
    if (text === this.#last && seconds - this.#lastAt < durations.drain.progress) return;
    this.#last = text;
    this.#lastAt = seconds;
    const hold = describeHold(remaining, this.#context.clock.now());
    this.#context.onProgress(`${text}${hold}, ${seconds} s`);
  }
}

/** Describes how far a drain is, such as `evicted 7/12, waiting for shop/cart-1: <why>`; held pods are named first. */
export function describeProgress(total: number, remaining: readonly LedgerEntry[]): string {
  const head = `evicted ${total - remaining.length}/${total}`;
  const remarks = remaining
    .map((entry) => ({ ...remarkOn(entry), rank: heldSince(entry) === undefined ? 1 : 0 }))
    .sort((a, b) => a.rank - b.rank || (a.pod < b.pod ? -1 : 1));
  const [first] = remarks;
  if (!first) return head;
  const others = remarks.length > 1 ? ` and ${remarks.length - 1} more` : "";
  return `${head}, waiting for ${first.pod}${others}: ${first.reason}`;
}

/** Says for how long the pod that is held longest has been so; nothing when none is. */
function describeHold(remaining: readonly LedgerEntry[], now: number): string {
  const since = Math.min(...remaining.map((entry) => heldSince(entry) ?? Number.POSITIVE_INFINITY));
  return Number.isFinite(since) ? ` for ${Math.round(now - since)} s` : "";
}
