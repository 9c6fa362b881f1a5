// The inventory of a cluster's pools, as people and tools without access to the stack read it. Pure.
import { stringify } from "yaml";

/** One pool with the names of its members. */
export interface InventoryPool {
  readonly name: string;
  readonly members: readonly string[];
}

/** Renders the inventory as YAML, pools by name and members in the order in which the pool chose them. */
export function renderInventory(owner: string, pools: readonly InventoryPool[]): string {
  const sorted = pools.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return `# Written by the stack that owns the nodes: change its config, not this.\n${stringify({ owner, pools: sorted })}`;
}
