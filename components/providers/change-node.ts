// Changes a Node that others write to as well.
import type { KubeApi, Node, NodeChange } from "../kube/api.ts";
import { isConflict } from "../kube/kube-error.ts";

const attempts = 5;

/** Decides what to change on a Node as it is now; nothing when it is already as wanted. */
export type NodePlan = (node: Node) => NodeChange | undefined;

/** Applies a plan; a conflicting writer is answered by reading the Node and planning again. A vanished Node is left. */
export async function changeNodeRetrying(api: KubeApi, seen: Node, plan: NodePlan): Promise<void> {
  let node: Node | undefined = seen;
  for (let attempt = 1; node !== undefined; attempt++) {
    const change = plan(node);
    if (change === undefined) return;
    try {
      await api.changeNode(node, change);
      return;
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
    }
    node = await api.readNode(seen.metadata?.name ?? "");
  }
}
