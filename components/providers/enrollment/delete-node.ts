// Deletes the Node of a machine that is no longer joined, and sees that it stays gone.
import { durations } from "../../model/durations.ts";
import { type ExpectedNode, ownedNode } from "../identity.ts";
import type { Operation } from "../operation.ts";

const attempts = 5;

/**
 * Deletes the Node if it is this machine's and ours, and fails if a kubelet keeps registering it again
 * (kubernetes#115761). A foreign Node of the same name stays.
 */
export async function deleteOwnNode(
  { kube, clock }: Pick<Operation, "kube" | "clock">,
  expected: ExpectedNode & { readonly node: string; readonly machineId: string },
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const node = ownedNode(await kube.readNode(expected.node), expected);
    if (node === undefined) return;
    await kube.deleteNode(expected.node, node.metadata?.uid ?? "");
    await clock.sleep(durations.providers.nodeStaysGone);
  }
  throw new Error(
    `deleting node "${expected.node}": it came back ${attempts} times. Is a kubelet still running on its host, or a finalizer on the Node?`,
  );
}
