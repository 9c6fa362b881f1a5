// The members and pools of the stack config, read by the provider itself: a node that leaves is no longer declared, and
// a user who raises a drain limit means the nodes that still have to leave. Pure.

import { selectMembers } from "../model/host.ts";
import { resolveMaxUnavailable } from "../model/limits.ts";
import { mergeMetadata } from "../model/node-metadata.ts";
import { poolPolicy } from "../model/pool-policy.ts";
import { type DeclaredRoster, rosterMember } from "../model/roster.ts";
import { definedOnly } from "./fields.ts";
import { parseConfigValue } from "./raw-config.ts";
import { poolsSchema } from "./schema.ts";

/** Reads `nodepools:pools`, given as the engine hands it over; undefined when it is absent, or wrong, which the program reports. */
export function readDeclaredRoster(poolsValue: string | undefined): DeclaredRoster | undefined {
  const parsed = poolsSchema.safeParse(parseConfigValue(poolsValue)).data;
  if (parsed === undefined) return undefined;
  const pools = definedOnly(parsed);
  const hosts = pools.flatMap((pool) => pool.hosts);
  return {
    members: pools.flatMap((pool) =>
      selectMembers(pool.hosts, pool.count).map((host) =>
        rosterMember(pool.name, host, mergeMetadata(pool, host).taints),
      ),
    ),
    pools: pools.map(({ name, count, hosts, drain, maxUnavailable, limits }) => {
      const size = selectMembers(hosts, count).length;
      const policy = { drain, maxUnavailable: resolveMaxUnavailable(maxUnavailable, size) };
      return { name, ...poolPolicy(policy, hosts), ...(limits && { limits }) };
    }),
    lost: hosts
      .filter(({ state }) => state === "lost")
      .map(({ name: node, rejoinTrigger = "" }) => ({ node, rejoinTrigger })),
  };
}
