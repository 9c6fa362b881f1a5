// Gives a drained host back: token revoked, kubeadm reset, leftovers cleaned, Node deleted for good.
import { drainNode } from "../../drain/drain-node.ts";
import type { Node } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { writeTime } from "../../model/clock.ts";
import type { LeavingPolicy } from "../../model/drain-policy.ts";
import { planResetting } from "../../model/mark-changes.ts";
import type { RosterPlace } from "../../model/roster.ts";
import { abandonNode } from "../abandon.ts";
import { awaitDeleteHooks } from "../hooks/await-delete-hooks.ts";
import { runHooks } from "../hooks/run-hooks.ts";
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
    const { drain, hooks } = await drainBeforeReset(operation, enrolled, progress);
    await awaitDeleteHooks(operation, enrolled, "pre-terminate", drain.timeoutSeconds, progress);
    // A reset ends with the marker: where a killed run has come so far, there is nothing left to run it on.
    if (judgement.findings.marker !== undefined) {
      const target = { ...enrolled, pool: poolNameOf(operation, enrolled) };
      await runHooks(operation, target, { occasion: "leave", point: "beforeReset" }, hooks, progress);
    }
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
  expected: ExpectedNode & {
    readonly node: string;
    readonly machineId: string;
    readonly roster?: RosterPlace;
  },
  progress: Progress,
): Promise<LeavingPolicy> {
  const { kube } = operation;
  const node = ownedNode(await kube.readNode(expected.node), expected);
  const policy = policyOf(operation, expected, node);
  if (node === undefined) return policy;
  const { machineId } = expected;
  const onProgress = (text: string) => progress.now(text);
  await drainNode(kube, expected.node, { policy: policy.drain, machineId, onProgress });
  return policy;
}

/** By its Node's pool; without one by that which it was enrolled for. */
function policyOf(
  operation: Operation,
  expected: ExpectedNode & { readonly node: string; readonly roster?: RosterPlace },
  node: Node | undefined,
): LeavingPolicy {
  const { declaration } = operation;
  const pool = (node && poolOf(operation, node, expected.owner)) ?? poolNameOf(operation, expected);
  const fallback = declaration.policyUsedFor(expected.node) ?? { drain: strictPolicy, maxUnavailable: 1 };
  return declaration.policyOf(expected.node, pool, fallback);
}

function poolNameOf(
  operation: Operation,
  { node, roster }: { readonly node: string; readonly roster?: RosterPlace },
): string {
  const { declaration } = operation;
  return declaration.poolOf(node) ?? (roster === undefined ? "" : operation.poolNow(roster.pool));
}
