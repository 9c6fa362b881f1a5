// The changes that an enrollment makes on a host: claim it, reset it.
import { claimScript, resetScript } from "../../kubeadm/scripts.ts";
import type { SshSession } from "../../ssh/session.ts";

/** Writes the marker by which this stack knows its hosts. */
export async function claimHost(
  session: SshSession,
  claim: { readonly owner: string; readonly node: string; readonly cluster: readonly string[] },
): Promise<void> {
  const stdin = `owner=${claim.owner}\ncluster=${claim.cluster.join(",")}\nnode=${claim.node}\n`;
  await session.run(claimScript, { task: "claiming the host", stdin, timeoutSeconds: 30 });
}

/** Undoes a join and cleans what it left; acts only on a host that this stack claimed. Returns what was done. */
export async function resetHost(
  session: SshSession,
  claim: { readonly owner: string; readonly node: string },
): Promise<string> {
  const stdin = `owner=${claim.owner}\nnode=${claim.node}\n`;
  const { stdout } = await session.run(resetScript, { task: "resetting the host", stdin, timeoutSeconds: 300 });
  return stdout.trim();
}
