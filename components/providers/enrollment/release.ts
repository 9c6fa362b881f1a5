// Gives a drained host back: token revoked, kubeadm reset, leftovers cleaned, Node deleted for good.
import type { KubeApi } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { clusterCaHashes } from "../../kubeadm/cluster-ca.ts";
import { resettingAnnotation } from "../../model/owner.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import type { SshSession } from "../../ssh/session.ts";
import { isDeclaredLost } from "../declared-lost.ts";
import { openJoinedHost } from "../host-access.ts";
import { abandonNode } from "../membership/abandon.ts";
import { foreignness } from "../ownership.ts";
import type { Progress } from "../progress.ts";
import { deleteOwnNode } from "./delete-node.ts";
import { drainBeforeReset } from "./drain-before-reset.ts";
import { resetHost } from "./host-scripts.ts";
import { type IdleFindings, inspectWhenIdle } from "./inspect-when-idle.ts";
import { judgeRelease, type ReleaseJudgement } from "./judge-release.ts";
import type { EnrollmentOutputs } from "./state.ts";

/**
 * Releases a host; a lost one is not contacted. Nothing else is touched before host and cluster have both answered and
 * agree on what the host is.
 * The Node goes last: as long as a kubelet runs it may register again (kubernetes#115761).
 */
export async function releaseHost(
  api: KubeApi,
  credentials: SshCredentials,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<void> {
  if (isDeclaredLost(enrolled.node)) return releaseLost(api, enrolled, progress);
  await using session = await openJoinedHost(enrolled, credentials);
  const judgement = await judge(api, session, enrolled, progress);
  if (judgement.kind === "reset") {
    await drainBeforeReset(api, enrolled, progress);
    await markResetting(api, enrolled);
    progress.now("resetting the host");
    await resetHost(session, enrolled, enrolled.criSocket);
  }
  if (enrolled.tokenId !== "") await api.deleteBootstrapToken(enrolled.tokenId);
  progress.now("deleting the Node");
  await deleteOwnNode(api, enrolled);
  if (judgement.kind === "leave") return progress.warn(`the host was not reset: ${judgement.reason}`);
  await progress.say(`released: host reset and clean, Node "${enrolled.node}" deleted`);
}

/**
 * Throws what would keep the host from being released, changing nothing. Tells whether the host has joined just now,
 * while it was waited for.
 */
export async function requireReleasable(
  api: KubeApi,
  credentials: SshCredentials,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<boolean> {
  await using session = await openJoinedHost(enrolled, credentials);
  const { findings } = await judge(api, session, enrolled, progress);
  return findings.wasBusy && findings.files.includes("/etc/kubernetes/kubelet.conf");
}

async function judge(
  api: KubeApi,
  session: SshSession,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<Exclude<ReleaseJudgement, { kind: "refuse" }> & { findings: IdleFindings }> {
  const findings = await inspectWhenIdle(session, progress);
  const trusted = await clusterCaHashes(api, findings.caHashes);
  const judgement = judgeRelease(enrolled, findings, await api.listNodes(), trusted);
  if (judgement.kind !== "refuse") return { ...judgement, findings };
  throw new Error(`releasing host "${enrolled.node}": nothing was reset, ${judgement.reason}`);
}

/** Ends the enrollment of a lost machine: it cannot be reset, and its Node is gone, unless it came back meanwhile. */
async function releaseLost(api: KubeApi, enrolled: EnrollmentOutputs, progress: Progress): Promise<void> {
  if (enrolled.tokenId !== "") await api.deleteBootstrapToken(enrolled.tokenId);
  const node = await api.readNode(enrolled.node);
  if (node === undefined || foreignness(node, enrolled) !== undefined) return;
  await abandonNode(api, node, progress);
}

/** Leaves a trace on the Node, so that a host that is declared again after half a reset is joined anew. */
async function markResetting(api: KubeApi, enrolled: EnrollmentOutputs): Promise<void> {
  const node = await api.readNode(enrolled.node);
  if (node === undefined || foreignness(node, enrolled) !== undefined) return;
  const stamp = { annotations: { [resettingAnnotation]: new Date().toISOString() } };
  await changeNodeRetrying(api, node, () => stamp);
}
