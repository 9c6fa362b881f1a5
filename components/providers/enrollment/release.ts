// Gives a drained host back: token revoked, kubeadm reset, leftovers cleaned, Node deleted for good.
import type { KubeApi } from "../../kube/api.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { openSession } from "../../ssh/session.ts";
import { inspectHost, requireSameMachine } from "../host-access.ts";
import type { Progress } from "../progress.ts";
import { deleteOwnNode } from "./delete-node.ts";
import { drainBeforeReset } from "./drain-before-reset.ts";
import { resetHost } from "./host-scripts.ts";
import type { EnrollmentOutputs } from "./state.ts";

/**
 * Releases a host. The Node goes last: as long as a kubelet runs it may register again (kubernetes#115761).
 * The API server is asked first, so that a host is never reset when its Node could not be deleted.
 */
export async function releaseHost(
  api: KubeApi,
  credentials: SshCredentials,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<void> {
  await drainBeforeReset(api, enrolled, progress);
  if (enrolled.tokenId !== "") await api.deleteBootstrapToken(enrolled.tokenId);
  progress.now("resetting the host");
  await using session = await openSession(enrolled.host, credentials);
  requireSameMachine(await inspectHost(session), enrolled);
  await resetHost(session, enrolled.owner, enrolled.criSocket);
  progress.now("deleting the Node");
  await deleteOwnNode(api, enrolled);
  await progress.say(`released: host reset and clean, Node "${enrolled.node}" deleted`);
}
