// Applies a changed address or owner to an enrolled host without touching its node.
import type { SshCredentials } from "../../ssh/credentials.ts";
import { openSession } from "../../ssh/session.ts";
import { inspectHost, requireSameMachine } from "../host-access.ts";
import { claimHost } from "./host-scripts.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/** Checks that the same machine answers at the declared address, and renews its marker if the stack was renamed. */
export async function updateEnrollment(
  credentials: SshCredentials,
  olds: EnrollmentOutputs,
  news: EnrollmentInputs,
): Promise<EnrollmentOutputs> {
  await using session = await openSession(news.host, credentials);
  const findings = await inspectHost(session);
  requireSameMachine(findings, { ...news, machineId: olds.machineId });
  if (findings.marker !== undefined && olds.owner !== news.owner) {
    await claimHost(session, { ...findings.marker, owner: news.owner }, olds.owner);
  }
  return { ...olds, ...news };
}
