// How pools are declared to drain in this very operation. A node that leaves is not declared any more and its state
// holds yesterday's policy: a user who raises a limit after a failed drain means the nodes that still have to leave.
import type { DrainPolicy } from "../model/drain-policy.ts";

/** Describes how the nodes of one pool leave. */
export interface LeavingPolicy {
  readonly drain: DrainPolicy;
  readonly maxUnavailable: number;
}

const declaredByPool = new Map<string, LeavingPolicy>();

/** Remembers what a pool declares now; Pulumi asks for the diff of every declared resource before it deletes any. */
export function rememberPolicy(pool: string, { drain, maxUnavailable }: LeavingPolicy): void {
  declaredByPool.set(pool, { drain, maxUnavailable });
}

/** Returns what the pool declares now, or what is in state when the pool is declared no more. */
export function policyOf(pool: string, inState: LeavingPolicy): LeavingPolicy {
  return declaredByPool.get(pool) ?? inState;
}
