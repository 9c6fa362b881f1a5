// No host is reset under running pods, whatever happened since its node was drained, or whether it ever was.
import { drainNode } from "../../drain/drain-node.ts";
import type { KubeApi } from "../../kube/api.ts";
import { poolAnnotation } from "../../model/owner.ts";
import { policyOf, policyUsedFor } from "../declared-policy.ts";
import { type ExpectedNode, foreignness } from "../ownership.ts";
import type { Progress } from "../progress.ts";

// For nodes of pools that are not declared, in a run that did not drain them.
const strictPolicy = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };

/**
 * Drains the machine's Node if it has one. Mostly there is nothing left to do; but the drain of a removal may be
 * minutes old, and whoever uncordoned the node since then has pods on it again.
 */
export async function drainBeforeReset(
  api: KubeApi,
  expected: ExpectedNode & { readonly node: string },
  progress: Progress,
): Promise<void> {
  const node = await api.readNode(expected.node);
  if (node === undefined || foreignness(node, expected) !== undefined) return;
  const pool = node.metadata?.annotations?.[poolAnnotation] ?? "";
  const fallback = policyUsedFor(expected.node) ?? { drain: strictPolicy, maxUnavailable: 1 };
  const { drain: policy } = policyOf(expected.node, pool, fallback);
  await drainNode(api, expected.node, { policy, onProgress: (text) => progress.now(text) });
}
