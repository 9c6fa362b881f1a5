// Which pool a node is in. What is declared says so, and for nodes that no declaration names the mark which no kubelet can
// write: a node that puts itself into a pool would use up its maxUnavailable, or choose the policy of its own drain.
import type { Node } from "../kube/api.ts";
import { isStampedBy, poolByStamp } from "./identity.ts";
import type { Operation } from "./operation.ts";

type Known = Pick<Operation, "declaration" | "told" | "poolNow">;

/** Returns the pool of a node; undefined when nothing trustworthy tells it. */
export function poolOf(known: Known, node: Node, owner: string): string | undefined {
  const { told, declaration } = known;
  const name = node.metadata?.name ?? "";
  const pool = told.poolOf(name) ?? declaration.poolOf(name) ?? poolByStamp(node, owner);
  return pool === undefined ? undefined : known.poolNow(pool);
}

/** Tells whether a node counts as one of a pool's: declared in it and ours; by its mark where nothing declares the pool. */
export function countsIn(known: Known, node: Node, pool: string, owner: string): boolean {
  const name = node.metadata?.name ?? "";
  const declared = known.told.poolOf(name) ?? known.declaration.poolOf(name);
  if (declared !== undefined) return known.poolNow(declared) === pool && isStampedBy(node, owner);
  const stamped = poolByStamp(node, owner);
  return !known.declaration.declares(pool) && stamped !== undefined && known.poolNow(stamped) === pool;
}
