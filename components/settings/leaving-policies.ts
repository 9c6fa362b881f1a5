// How the pools of the stack config let nodes leave, read by the provider itself: a node that leaves is declared no
// more, and a user who raises a drain limit means the nodes that still have to leave. Pure.
import type { LeavingPolicy } from "../model/drain-policy.ts";
import { resolveMaxUnavailable } from "../model/max-unavailable.ts";
import { selectMembers } from "../model/members.ts";
import { parseConfigValue } from "./raw-value.ts";
import { poolsSchema } from "./schema.ts";

/** Reads `nodepools:pools`, given as the engine hands it over; empty when it is absent or wrong, which the program reports. */
export function readLeavingPolicies(poolsValue: string | undefined): ReadonlyMap<string, LeavingPolicy> {
  const { data: pools = [] } = poolsSchema.safeParse(parseConfigValue(poolsValue));
  return new Map(
    pools.map(({ name, count, hosts, drain, maxUnavailable }) => {
      const { gracePeriodSeconds, ...limits } = drain;
      const policy = { ...limits, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
      const size = selectMembers(hosts, count).length;
      return [name, { drain: policy, maxUnavailable: resolveMaxUnavailable(maxUnavailable, size) }];
    }),
  );
}
