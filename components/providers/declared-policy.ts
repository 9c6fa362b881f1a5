// How pools are declared to drain in this very operation, for nodes whose state holds yesterday's policy.
import type { LeavingPolicy } from "../model/drain-policy.ts";
import { configuredPolicies } from "./connections.ts";

const declaredByRoster = new Map<string, LeavingPolicy>();

/** Remembers what the roster declares; Pulumi asks for its diff before it deletes any member that left. */
export function rememberPolicy(pool: string, { drain, maxUnavailable }: LeavingPolicy): void {
  declaredByRoster.set(pool, { drain, maxUnavailable });
}

/**
 * Returns the pool's policy as the roster declares it; before its diff, as for a rejoin or on `destroy`, as the stack
 * config does; else, for pools that are declared no more, what is in state.
 */
export function policyOf(pool: string, inState: LeavingPolicy): LeavingPolicy {
  return declaredByRoster.get(pool) ?? configuredPolicies().get(pool) ?? inState;
}
