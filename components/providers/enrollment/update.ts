// Applies a changed address or owner to an enrolled host without touching its node.
import type { SshCredentials } from "../../ssh/credentials.ts";
import { openSession } from "../../ssh/session.ts";
import { inspectHost, requireSameMachine } from "../host-access.ts";
import { claimHost } from "./host-scripts.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/** Checks that the same machine answers at the declared address, and claims it again when its marker is lost or has a former name of the stack. */
export async function updateEnrollment(
  credentials: SshCredentials,
  olds: EnrollmentOutputs,
  news: EnrollmentInputs,
): Promise<EnrollmentOutputs> {
  await using session = await openSession(news.host, credentials);
  const findings = await inspectHost(session);
  requireSameMachine(findings, { ...news, machineId: olds.machineId });
  const cluster = olds.clusterCa ?? findings.marker?.cluster ?? findings.caHashes[0];
  const isClaimed = findings.marker?.owner === news.owner;
  if (!isClaimed && cluster !== undefined) {
    await claimHost(session, { owner: news.owner, node: news.node, cluster }, olds.owner);
  }
  return { ...olds, ...news };
}
