// The shapes that the parts of the benchmark hand to each other.
import type { Requests } from "./audit-log.ts";
import type { BudgetSightings } from "./budget-watcher.ts";
import type { PeakMemory } from "./processes.ts";
import type { ScenarioName } from "./scenario.ts";

/** The ways to drain that are compared. */
export type SideName = "ours" | "kubectl, parallel" | "kubectl, one call";

/** What is to be measured. */
export interface MeasureOrder {
  readonly scenario: ScenarioName;
  readonly rounds: number;
  /** Lets the one-call form drain all nodes instead of some. */
  readonly full: boolean;
  /** Path of the kubeconfig that the sides use. */
  readonly kubeconfig: string;
  readonly auditLog: string;
  /** Path of the file for the runs, a JSON array of {@link SideRun}. */
  readonly output: string;
}

/** One run of one side. */
export interface SideRun {
  readonly side: SideName;
  readonly round: number;
  /** Nodes that were drained, and pods that were on them. */
  readonly nodes: number;
  readonly pods: number;
  /** From the start of the first process to the end of the last. */
  readonly seconds: number;
  /** Share of all processors' time that was used, by whomever, from 0 to 1. */
  readonly busy: number;
  readonly memory: PeakMemory;
  readonly requests: Requests;
  readonly budgets: BudgetSightings;
}

/** All runs of a scenario. */
export interface ScenarioResult {
  readonly scenario: ScenarioName;
  readonly runs: readonly SideRun[];
}
