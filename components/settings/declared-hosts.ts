// Where the members of the stack config are, read by the provider itself: of hosts that a run does not touch, the engine
// tells nothing.
import { type HostAddress, selectMembers } from "../model/host.ts";
import { processEnvironment } from "./environment.ts";
import type { InventoryReader } from "./inventory.ts";
import { parseSettings, withInventory } from "./parse-settings.ts";
import { parseConfigValue } from "./raw-config.ts";

/** A declared member and its address. */
export interface DeclaredHost {
  readonly node: string;
  readonly host: HostAddress;
}

/**
 * Reads the hosts of the config's keys, given as the engine hands them over, and of the files that they name; none when
 * something of it is wrong.
 */
export function readDeclaredHosts(
  get: (key: "cluster" | "ssh" | "pools" | "poolsFile") => string | undefined,
  readFile: InventoryReader,
): DeclaredHost[] {
  const raw = {
    cluster: parseConfigValue(get("cluster")),
    ssh: parseConfigValue(get("ssh")),
    pools: parseConfigValue(get("pools")),
    poolsFile: parseConfigValue(get("poolsFile")),
  };
  const pools = parseSettings(withInventory(raw, readFile), processEnvironment).value?.pools ?? [];
  return pools
    .flatMap(({ hosts, count }) => selectMembers(hosts, count))
    .flatMap(({ name, address, hostKey, port, user }) =>
      typeof address === "string" && typeof hostKey === "string"
        ? [{ node: name, host: { address, hostKey, port, user } }]
        : [],
    );
}
