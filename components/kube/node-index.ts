// Finds Nodes of one list by name: a stack may ask for a thousand of a thousand. Pure.
import type { Node } from "./api.ts";

const indexes = new WeakMap<readonly Node[], ReadonlyMap<string | undefined, Node>>();

/** Returns the index of a list, which stays as it is. */
export function nodesByName(nodes: readonly Node[]): ReadonlyMap<string | undefined, Node> {
  const index = indexes.get(nodes) ?? new Map(nodes.map((node) => [node.metadata?.name, node]));
  indexes.set(nodes, index);
  return index;
}
