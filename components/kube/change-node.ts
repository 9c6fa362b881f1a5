// Changes a Node that others write to as well.
import { type Clock, retry, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import type { KubeApi, Node, NodeChange } from "./api.ts";
import { isConflict, isTransient } from "./kube-error.ts";

/** Decides what to change on a Node as it is now; nothing when it is already as wanted. */
export type NodePlan = (node: Node) => NodeChange | undefined;

/**
 * Applies a plan and returns the Node as it is then; undefined when it vanished. A conflicting writer or a server that
 * fails for a moment is answered by reading the Node and planning again. Throws KubeError.
 */
export async function changeNodeRetrying(
  api: Pick<KubeApi, "readNode" | "changeNode">,
  seen: Node,
  plan: NodePlan,
  clock: Clock = systemClock,
): Promise<Node | undefined> {
  const apply = async (node: Node | undefined) => {
    const change = node && plan(node);
    return node && change ? api.changeNode(node, change) : node;
  };
  return retry(
    clock,
    async (failures) => apply(failures === 0 ? seen : await api.readNode(seen.metadata?.name ?? "")),
    // The change carries the version that was read, so that sending it again after a lost answer is safe.
    (error, failures) =>
      isConflict(error) || isTransient(error) ? durations.kube.changeAgain[failures - 1] : undefined,
  );
}
