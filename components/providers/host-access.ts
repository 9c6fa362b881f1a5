// Opens a session to a declared host and looks at it.
import { type HostFindings, parseFindings } from "../kubeadm/findings.ts";
import { loadHostScripts } from "../kubeadm/scripts.ts";
import type { HostAddress } from "../model/host.ts";
import type { SshCredentials } from "../ssh/credentials.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { SshError } from "../ssh/ssh-error.ts";

/** Identifies the machine that a resource stands for. */
export interface ExpectedHost {
  readonly node: string;
  readonly host: HostAddress;
  readonly machineId: string;
}

/** Reads everything there is to know of a host, changing nothing. */
export async function inspectHost(session: SshSession): Promise<HostFindings> {
  const { inspect } = loadHostScripts();
  const { stdout } = await session.run(inspect, { task: "inspecting", timeoutSeconds: 60 });
  return parseFindings(stdout);
}

/** Fails unless the host answers and is still the machine that joined. */
export async function requireOwnHost(expected: ExpectedHost, credentials: SshCredentials): Promise<void> {
  await using session = await openJoinedHost(expected, credentials);
  requireSameMachine(await inspectHost(session), expected);
}

/** Opens a session to a host that has joined; when the machine seems gone, the error says what can be done then. */
export async function openJoinedHost(
  expected: Pick<ExpectedHost, "node" | "host">,
  credentials: SshCredentials,
): Promise<SshSession> {
  try {
    return await openSession(expected.host, credentials);
  } catch (error) {
    const seemsGone =
      error instanceof SshError && (error.kind === "unreachable" || error.kind === "host-key");
    if (!seemsGone) throw error;
    throw new Error(`${error.message} ${waysOutOfAGoneHost(expected)}`, { cause: error });
  }
}

/** Refuses another machine at the address of one that joined. */
export function requireSameMachine(findings: HostFindings, expected: ExpectedHost): void {
  if (findings.machineId === expected.machineId) return;
  throw new Error(
    `checking host "${expected.node}" at ${expected.host.address}: another machine answers there (machine-id ${findings.machineId}, joined was ${expected.machineId}). Correct the address. ${waysOutOfAGoneHost(expected)}`,
  );
}

/** Says what to do about a machine that will never answer again. */
export function waysOutOfAGoneHost(gone: { readonly node: string }): string {
  return `If the joined machine is gone for good, declare host "${gone.node}" with state: lost, putting its entry back if it was removed`;
}
