// What a finished drain did, in numbers and in one line. Pure.
import { type DrainRun, secondsSince } from "./drain-run.ts";
import { count, reportByReason } from "./report.ts";

/** Sums up a finished drain. */
export interface DrainSummary {
  /** False when there was no such Node, so that nothing was done. */
  readonly nodeFound: boolean;
  /** Pods whose eviction the server accepted from this drain. */
  readonly evicted: number;
  /** Pods that were deleted past their budgets. */
  readonly deleted: number;
  /** Pods that had to wait for a budget. */
  readonly waited: number;
  /** Consequences, grouped: one line per reason. */
  readonly warnings: readonly string[];
  /** Since the start, a former run's part included. */
  readonly seconds: number;
}

/** Sums up the drain of a Node that does not exist. */
export const nothingDone: DrainSummary = {
  nodeFound: false,
  evicted: 0,
  deleted: 0,
  waited: 0,
  warnings: [],
  seconds: 0,
};

/** Sums up a drain that has ended well. */
export function summarize(run: DrainRun): DrainSummary {
  return {
    nodeFound: true,
    evicted: run.evicted.size,
    deleted: run.deleted.size,
    waited: run.waited.size,
    warnings: reportByReason([...run.warnings.values()]),
    seconds: secondsSince(run),
  };
}

/** Sums a finished drain up in one line, such as `drained: 12 pods moved, 3 waited for budgets, 41 s`. */
export function describeSummary({ evicted, deleted, waited, seconds }: DrainSummary): string {
  const parts = [
    `${count(evicted, "pod")} moved`,
    ...(deleted > 0 ? [`${deleted} deleted past their budgets`] : []),
    ...(waited > 0 ? [`${waited} waited for budgets`] : []),
  ];
  return `drained: ${parts.join(", ")}, ${seconds} s`;
}
