// A declared host: reached, proven to be the machine that joined, looked at, and changed by its scripts.
import { type HostFindings, parseFindings } from "../kubeadm/findings.ts";
import { leaveJoinInput } from "../kubeadm/left-join.ts";
import { claimInput, type OwnerMarker, resetInput } from "../kubeadm/marker.ts";
import { loadHostScripts } from "../kubeadm/scripts.ts";
import { type Clock, poll, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import type { HostAddress } from "../model/host.ts";
import type { SshCredentials } from "../ssh/credentials.ts";
import { openSession, type SshSession } from "../ssh/session.ts";
import { SshError } from "../ssh/ssh-error.ts";
import type { Progress } from "./progress.ts";

/** Identifies the machine that a resource stands for. */
export interface ExpectedHost {
  readonly node: string;
  readonly host: HostAddress;
  readonly machineId: string;
}

/** What a host is like once it is idle. */
export interface IdleFindings extends HostFindings {
  /** Another join or reset was running on it when it was first asked. */
  readonly wasBusy: boolean;
}

/** Reads everything there is to know of a host, changing nothing; of its runtimes only the declared one, if there is one. */
export async function inspectHost(session: SshSession, criSocket = ""): Promise<HostFindings> {
  const { inspect } = loadHostScripts();
  const timeoutSeconds = durations.providers.inspect;
  const stdin = criSocket === "" ? "" : `cri_socket=${criSocket}\n`;
  const { stdout } = await session.run(inspect, { task: "inspecting", stdin, timeoutSeconds });
  return parseFindings(stdout);
}

/**
 * Inspects the host. A join or reset outlives the run that started it and was killed: it is waited for, five minutes at
 * most; then the findings still say that the host is busy.
 */
export async function inspectWhenIdle(
  session: SshSession,
  progress: Progress,
  clock: Clock = systemClock,
  criSocket?: string,
): Promise<IdleFindings> {
  let findings: HostFindings | undefined;
  let wasBusy = false;
  const within = durations.providers.hostBusy;
  await poll(clock, {
    every: durations.providers.look,
    within,
    until: async () => {
      findings = await inspectHost(session, criSocket);
      wasBusy ||= findings.busy;
      return findings.busy ? undefined : findings;
    },
    onWait: (elapsed) =>
      progress.now(
        `waiting for a join or reset that is still at work on the host: ${elapsed} s of ${within} s`,
      ),
  });
  return { ...(findings as HostFindings), wasBusy };
}

/** Tells whether a file is on the host. */
export async function isOnHost(session: SshSession, path: string): Promise<boolean> {
  const script = 'IFS= read -r path && if [ -e "$path" ]; then echo yes; fi';
  const timeoutSeconds = durations.providers.inspect;
  const { stdout } = await session.run(script, {
    task: "looking for a file",
    stdin: `${path}\n`,
    timeoutSeconds,
  });
  return stdout === "yes\n";
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
  const timeoutSeconds = durations.providers.claim;
  await session.run(claim, { task: "claiming", stdin: claimInput(marker, formerOwner), timeoutSeconds });
}

/** Leaves the join on the host, for the command that runs it; without a configuration on one that is joined. */
export async function leaveJoin(session: SshSession, configuration: string): Promise<void> {
  const { leaveJoin: script } = loadHostScripts();
  const stdin = leaveJoinInput(configuration);
  const timeoutSeconds = durations.providers.claim;
  await session.run(script, { task: "leaving the join", stdin, timeoutSeconds });
}

/** Undoes a join and cleans what it left; acts only on a host that this stack claimed. */
export async function resetHost(
  session: SshSession,
  claim: Pick<OwnerMarker, "owner" | "node">,
  criSocket: string,
): Promise<void> {
  const { reset } = loadHostScripts();
  const timeoutSeconds = durations.providers.reset;
  await session.run(reset, { task: "resetting", stdin: resetInput(claim, criSocket), timeoutSeconds });
}
