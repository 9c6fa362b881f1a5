// Gives a drained host back: token revoked, kubeadm reset, leftovers cleaned, Node deleted for good.
import { drainNode } from "../../drain/drain-node.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { writeTime } from "../../model/clock.ts";
import { planResetting } from "../../model/mark-changes.ts";
import { abandonNode } from "../abandon.ts";
import { openJoinedHost, resetHost } from "../host.ts";
import { type ExpectedNode, ownedNode } from "../identity.ts";
import { requireReleasable } from "../judge-release.ts";
import type { Operation } from "../operation.ts";
import { poolOf } from "../pool-of.ts";
import type { Progress } from "../progress.ts";
import { deleteOwnNode } from "./delete-node.ts";
import type { EnrollmentOutputs } from "./state.ts";

// For nodes of pools that are not declared, in a run that did not drain them.
const strictPolicy = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };

/**
 * Releases a host; a lost one is not contacted. Nothing else is touched before host and cluster have both answered and
 * agree on what the host is.
 * The Node goes last: as long as a kubelet runs it may register again (kubernetes#115761).
 */
export async function releaseHost(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<void> {
  if (operation.declaration.isLost(enrolled.node)) return releaseLost(operation, enrolled, progress);
  await using session = await openJoinedHost(enrolled, operation.ssh);
  const judgement = await requireReleasable(operation, session, enrolled, progress);
  if (judgement.kind === "reset") {
    await drainBeforeReset(operation, enrolled, progress);
    await markResetting(operation, enrolled);
    progress.now("resetting the host");
    await resetHost(session, enrolled, judgement.criSocket);
  }
  if (enrolled.tokenId !== "") await operation.kube.deleteBootstrapToken(enrolled.tokenId);
  progress.now("deleting the Node");
  const deletion = await deleteOwnNode(operation, enrolled);
  if (deletion.kind === "left")
    await progress.warn(`Node "${enrolled.node}" was left in the cluster: ${deletion.reason}`);
  if (judgement.kind === "leave") return progress.warn(`the host was not reset: ${judgement.reason}`);
  const done = deletion.kind === "gone" ? `, Node "${enrolled.node}" deleted` : "";
  await progress.say(`released: host reset and clean${done}`);
}

/** Ends the enrollment of a lost machine: it cannot be reset, and its Node is gone, unless it came back meanwhile. */
async function releaseLost(
  { kube }: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<void> {
  if (enrolled.tokenId !== "") await kube.deleteBootstrapToken(enrolled.tokenId);
  const node = ownedNode(await kube.readNode(enrolled.node), enrolled);
  if (node !== undefined) await abandonNode(kube, node, progress);
}

/** Leaves a trace on the Node, so that a host that is declared again after half a reset is joined anew. */
async function markResetting(operation: Operation, enrolled: EnrollmentOutputs): Promise<void> {
  const node = ownedNode(await operation.kube.readNode(enrolled.node), enrolled);
  if (node === undefined) return;
  const time = writeTime(operation.clusterTime());
  await changeNodeRetrying(operation.kube, node, (latest) => planResetting(latest, time));
}

/**
 * Drains the machine's Node if it has one: no host is reset under running pods. Mostly there is nothing left to do; but
 * the drain of a removal may be minutes old, and whoever uncordoned the node since then has pods on it again.
 */
export async function drainBeforeReset(
  operation: Operation,
  expected: ExpectedNode & { readonly node: string; readonly machineId: string },
  progress: Progress,
): Promise<void> {
  const { kube, declaration } = operation;
  const node = ownedNode(await kube.readNode(expected.node), expected);
  if (node === undefined) return;
  const pool = poolOf(operation, node, expected.owner) ?? "";
  const fallback = declaration.policyUsedFor(expected.node) ?? { drain: strictPolicy, maxUnavailable: 1 };
  const { drain: policy } = declaration.policyOf(expected.node, pool, fallback);
  const { machineId } = expected;
  await drainNode(kube, expected.node, { policy, machineId, onProgress: (text) => progress.now(text) });
}
