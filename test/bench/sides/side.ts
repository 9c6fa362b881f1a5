// What a side of the comparison is: a way to drain the nodes that leave.
import type { SideProcesses } from "../processes.ts";

/** The work of one run. */
export interface DrainJob {
  /** The nodes to drain. */
  readonly nodes: readonly string[];
  /** How many at once. */
  readonly maxUnavailable: number;
  /** Stamp on the nodes. */
  readonly owner: string;
  /** Path of the kubeconfig whose requests are counted. */
  readonly kubeconfig: string;
  readonly timeoutSeconds: number;
  readonly processes: SideProcesses;
}

/** Drains all nodes of the job; throws when it could not. */
export type Side = (job: DrainJob) => Promise<void>;
