// What is still there of the nodes that leave, for the outputs of the stack: the engine writes these before it removes
// anything, and never again in the same run.
import { nodeStatus, type Removals } from "../../model/node-status.ts";
import type { RosterMember } from "../../model/roster.ts";
import { isStampedBy, nodeNamed } from "../identity.ts";
import { observe } from "../membership/observe.ts";
import type { Operation } from "../operation.ts";
import type { RosterInputs } from "./state.ts";

/** Describes the nodes that leave in this run, cordoned by now; undefined when none does. */
export async function describeRemovals(
  operation: Operation,
  leaving: readonly RosterMember[],
): Promise<Removals | undefined> {
  if (leaving.length === 0) return undefined;
  const nodes = await operation.nodes();
  const status = ({ node, pool }: RosterMember) => {
    const found = nodeNamed(nodes, node);
    const seen = found ? { ...observe(found), schedulable: false } : null;
    return [node, { ...nodeStatus(pool, seen), removal: "pending" }] as const;
  };
  return { at: operation.clock.now(), nodes: Object.fromEntries(leaving.map(status)) };
}

/** Tells whether a removal that an earlier run has begun is still pending; false when the cluster cannot be asked. */
export async function isRemovalPending(
  operation: Operation,
  { pending = [], owner }: RosterInputs,
): Promise<boolean> {
  if (pending.length === 0) return false;
  try {
    const nodes = await operation.nodes();
    return pending.some(({ node }) => {
      const found = nodeNamed(nodes, node);
      return found !== undefined && isStampedBy(found, owner);
    });
  } catch {
    return false;
  }
}
