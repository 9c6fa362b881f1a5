// Deletes the Node of a machine that is no longer joined, and sees that it stays gone.
import type { KubeApi } from "../../kube/api.ts";
import { foreignness } from "../ownership.ts";

const attempts = 5;
const steadySeconds = 3;

/**
 * Deletes the Node if it is this machine's and ours, and fails if a kubelet keeps registering it again
 * (kubernetes#115761). A foreign Node of the same name stays.
 */
export async function deleteOwnNode(
  api: KubeApi,
  expected: { readonly node: string; readonly machineId: string; readonly owner: string },
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const node = await api.readNode(expected.node);
    if (node === undefined || foreignness(node, expected) !== undefined) return;
    await api.deleteNode(expected.node, node.metadata?.uid ?? "");
    await new Promise((resolve) => setTimeout(resolve, steadySeconds * 1000));
  }
  throw new Error(
    `deleting node "${expected.node}": it came back ${attempts} times. Is a kubelet still running on its host, or a finalizer on the Node?`,
  );
}
