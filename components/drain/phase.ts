// What the phases of a drain share: the context that never changes, and the few things that do.
import type { Pod } from "../kube/api.ts";
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import type { NodeWatch } from "./node-watch.ts";
import type { Readiness } from "./readiness.ts";
import type { Recreations } from "./recreation.ts";
import type { Requests } from "./requests.ts";
import type { RolloutRestarts } from "./restart-rollouts.ts";

/** One drain under way. */
export interface Drain {
  readonly context: DrainContext;
  readonly ledger: Ledger;
  readonly watch: NodeWatch;
  readonly requests: Requests;
  readonly recreations: Recreations;
  readonly startMark: StartMark;
  readonly readiness: Readiness;
  readonly restarts: RolloutRestarts;
  /** Judges the pods on the node and enters them in the ledger; returns whether there are any that were not seen before. */
  readonly observe: (pods: readonly Pod[]) => Promise<boolean>;
}

/** The time on the Node at which the drain started. */
export interface StartMark {
  readonly isSet: boolean;
  set(): Promise<void>;
}

/** A phase is done, or the Node is gone and with it all that was left to do. Throws what the drain fails with. */
export type PhaseEnd = "done" | "node-gone";
