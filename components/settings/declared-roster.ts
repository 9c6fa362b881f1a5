// The members and pools of the stack config, read by the provider itself: a node that leaves is no longer declared, and
// a user who raises a drain limit means the nodes that still have to leave. Pure.

import { selectMembers } from "../model/host.ts";
import { resolveMaxUnavailable } from "../model/limits.ts";
import { mergeMetadata } from "../model/node-metadata.ts";
import { poolPolicy } from "../model/pool-policy.ts";
import { type DeclaredRoster, rosterMember } from "../model/roster.ts";
import { definedOnly } from "./fields.ts";
import type { Inventory } from "./inventory.ts";
import { poolsSchema } from "./schema.ts";

/** Reads the pools of a stack; undefined when there are none, or something is wrong with them, which the program reports. */
export function readDeclaredRoster({
  pools: raw,
  problems,
}: Pick<Inventory, "pools" | "problems">): DeclaredRoster | undefined {
  const parsed = problems.length > 0 ? undefined : poolsSchema.safeParse(raw).data;
  if (parsed === undefined) return undefined;
  const pools = definedOnly(parsed);
  const hosts = pools.flatMap((pool) => pool.hosts);
  return {
    members: pools.flatMap((pool) =>
      selectMembers(pool.hosts, pool.count).map((host) =>
        rosterMember(pool.name, host, mergeMetadata(pool, host).taints),
      ),
    ),
    pools: pools.map(({ name, count, hosts, drain, hooks, maxUnavailable, limits }) => {
      const size = selectMembers(hosts, count).length;
      const policy = {
        ...{ drain, maxUnavailable: resolveMaxUnavailable(maxUnavailable, size) },
        ...(hooks && { hooks }),
      };
      return { name, ...poolPolicy(policy, hosts), ...(limits && { limits }) };
    }),
    lost: hosts
      .filter(({ state }) => state === "lost")
      .map(({ name: node, rejoinTrigger = "" }) => ({ node, rejoinTrigger })),
  };
}
