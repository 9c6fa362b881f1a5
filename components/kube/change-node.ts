// Changes a Node that others write to as well.
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, Node, NodeChange } from "./api.ts";
import { isConflict, isTransient } from "./kube-error.ts";

const attempts = 6;

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
): Promise<Node | undefined> {
  const apply = async (node: Node | undefined) => {
    const change = node && plan(node);
    return node && change ? api.changeNode(node, change) : node;
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return await apply(attempt === 1 ? seen : await api.readNode(seen.metadata?.name ?? ""));
    } catch (error) {
      // The change carries the version that was read, so that sending it again after a lost answer is safe.
      if (!(isConflict(error) || isTransient(error)) || attempt === attempts) throw error;
    }
    await sleep(50 * 2 ** attempt);
  }
}
