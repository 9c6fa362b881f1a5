// Deletes the Node of a machine that is no longer joined, and sees that it stays gone.
import { listNames } from "../../drain/report.ts";
import type { Node } from "../../kube/api.ts";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { type ExpectedNode, identify } from "../identity.ts";
import type { Operation } from "../operation.ts";

/** What became of a Node: it is gone, or it was left where it is because it is not ours. */
export type NodeDeletion = { readonly kind: "gone" } | { readonly kind: "left"; readonly reason: string };

/**
 * Deletes the Node if it is this machine's and ours, again if a kubelet registers it once more (kubernetes#115761), and
 * looks until it has stayed away for a while. Throws, naming who holds it, when it is still there after that.
 */
export async function deleteOwnNode(
  { kube, clock }: Pick<Operation, "kube" | "clock">,
  expected: ExpectedNode & { readonly node: string; readonly machineId: string },
): Promise<NodeDeletion> {
  const deleted = new Set<string>();
  let last: Node | undefined;
  const { nodeStaysGone: every, nodeGoes: within } = durations.providers;
  const deletion = await poll<NodeDeletion>(clock, {
    every,
    within,
    until: async () => {
      last = await kube.readNode(expected.node);
      const identity = identify(last, expected);
      if (identity.kind === "absent") return { kind: "gone" };
      if (identity.kind === "foreign") return { kind: "left", reason: identity.reason };
      const uid = last?.metadata?.uid ?? "";
      // One that has a deletion time already only waits for its finalizers.
      if (!deleted.has(uid)) await kube.deleteNode(expected.node, uid);
      deleted.add(uid);
      return undefined;
    },
  });
  if (deletion !== undefined) return deletion;
  throw new Error(`deleting node "${expected.node}": ${whyItIsThere(last, deleted.size, within)}`);
}

function whyItIsThere(node: Node | undefined, deletions: number, seconds: number): string {
  const finalizers = node?.metadata?.finalizers ?? [];
  if (deletions === 1 && finalizers.length > 0)
    return `it is deleted, but kept after ${seconds} s by its finalizers ${listNames(finalizers)}: whoever set them has to remove them; then run again`;
  return `it came back ${deletions - 1} times in ${seconds} s: a kubelet still registers it. Stop the one that runs under this name, then run again`;
}
