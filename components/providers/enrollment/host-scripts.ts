// The changes that an enrollment makes on a host: claim it, reset it.
import { claimInput, type OwnerMarker, resetInput } from "../../kubeadm/marker.ts";
import { loadHostScripts } from "../../kubeadm/scripts.ts";
import type { SshSession } from "../../ssh/session.ts";

/**
 * Writes the marker by which this stack knows its hosts; refused when another stack has the host, unless it is
 * `formerOwner`: this stack before it was renamed.
 */
export async function claimHost(
  session: SshSession,
  marker: OwnerMarker,
  formerOwner?: string,
): Promise<void> {
  const { claim } = loadHostScripts();
  await session.run(claim, { task: "claiming", stdin: claimInput(marker, formerOwner), timeoutSeconds: 30 });
}

/** Undoes a join and cleans what it left; acts only on a host that this stack claimed. */
export async function resetHost(
  session: SshSession,
  claim: Pick<OwnerMarker, "owner" | "node">,
  criSocket: string,
): Promise<void> {
  const { reset } = loadHostScripts();
  await session.run(reset, { task: "resetting", stdin: resetInput(claim, criSocket), timeoutSeconds: 600 });
}
