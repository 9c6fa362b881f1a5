// How the pools of the stack config let nodes leave, read by the provider itself: a node that leaves is declared no
// more, and a user who raises a drain limit means the nodes that still have to leave. Pure.
import { resolveMaxUnavailable } from "../model/max-unavailable.ts";
import { selectMembers } from "../model/members.ts";
import { type PoolPolicy, poolPolicy } from "../model/pool-policy.ts";
import { parseConfigValue } from "./raw-value.ts";
import { poolsSchema } from "./schema.ts";

/** Reads `nodepools:pools`, given as the engine hands it over; empty when it is absent or wrong, which the program reports. */
export function readLeavingPolicies(poolsValue: string | undefined): ReadonlyMap<string, PoolPolicy> {
  return new Map(
    readPools(poolsValue).map(({ name, count, hosts, drain, maxUnavailable }) => {
      const size = selectMembers(hosts, count).length;
      const policy = { drain, maxUnavailable: resolveMaxUnavailable(maxUnavailable, size) };
      return [name, poolPolicy(policy, hosts)];
    }),
  );
}

/** Reads the names of the hosts that are declared lost; empty when the value is absent or wrong. */
export function readLostHosts(poolsValue: string | undefined): ReadonlySet<string> {
  const hosts = readPools(poolsValue).flatMap((pool) => pool.hosts);
  return new Set(hosts.filter(({ state }) => state === "lost").map(({ name }) => name));
}

function readPools(poolsValue: string | undefined) {
  return poolsSchema.safeParse(parseConfigValue(poolsValue)).data ?? [];
}
