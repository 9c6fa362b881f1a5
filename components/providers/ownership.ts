// Whether a Node is the one that a resource stands for. Pure.
import type { Node } from "../kube/api.ts";
import { ownerAnnotation } from "../model/owner.ts";

/** Identifies the Node of one machine in one stack. */
export interface ExpectedNode {
  readonly machineId: string;
  readonly owner: string;
}

/** Says why a Node must not be touched, or nothing when it is ours. */
export function foreignness(node: Node, expected: ExpectedNode): string | undefined {
  const machineId = node.status?.nodeInfo?.machineID;
  if (machineId !== expected.machineId) {
    return `it is another machine now (machine-id ${machineId ?? "none"}, ours was ${expected.machineId})`;
  }
  const owner = node.metadata?.annotations?.[ownerAnnotation];
  // A Node without a stamp is ours when the machine is: it registered, but the run ended before it was stamped.
  if (owner !== undefined && owner !== expected.owner) return `it belongs to stack ${owner}`;
  return undefined;
}
