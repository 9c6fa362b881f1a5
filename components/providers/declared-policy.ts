// How nodes are declared to drain in this very operation, for those whose state holds yesterday's policy.
import type { LeavingPolicy } from "../model/drain-policy.ts";
import { leavingPolicy, type PoolPolicy } from "../model/pool-policy.ts";
import { configuredPolicies } from "./connections.ts";

const declaredByRoster = new Map<string, PoolPolicy>();
// The enrollment of a node of a removed pool drains once more before the reset, and knows no policy by itself.
const usedByNode = new Map<string, LeavingPolicy>();

/** Remembers what the roster declares; Pulumi asks for its diff before it deletes any member that left. */
export function rememberPolicy(pool: string, policy: PoolPolicy): void {
  declaredByRoster.set(pool, policy);
}

/**
 * Returns the policy of a node as the roster declares it: its host's if that is still listed, else its pool's. Before
 * the roster's diff, as for a rejoin or on `destroy`, as the stack config does; else, for pools that are declared no
 * more, what is in state.
 */
export function policyOf(node: string, pool: string, inState: LeavingPolicy): LeavingPolicy {
  const policy =
    leavingPolicy(node, pool, declaredByRoster) ?? leavingPolicy(node, pool, configuredPolicies()) ?? inState;
  usedByNode.set(node, policy);
  return policy;
}

/** Returns the policy that a node was last asked about with in this operation. */
export function policyUsedFor(node: string): LeavingPolicy | undefined {
  return usedByNode.get(node);
}
