// Looks at a host that is to be enrolled or released once nothing of an earlier run is at work on it any more.
import type { HostFindings } from "../../kubeadm/findings.ts";
import { type Clock, systemClock } from "../../model/clock.ts";
import type { SshSession } from "../../ssh/session.ts";
import { inspectHost } from "../host-access.ts";
import type { Progress } from "../progress.ts";

const timeoutSeconds = 300;

/** What a host is like once it is idle. */
export interface IdleFindings extends HostFindings {
  /** Something was at work on it when it was first asked. */
  readonly wasBusy: boolean;
}

/**
 * Inspects the host. A join or reset outlives the run that started it and was killed: it is waited for, five minutes at
 * most; then the findings still say that the host is busy.
 */
export async function inspectWhenIdle(
  session: SshSession,
  progress: Progress,
  clock: Clock = systemClock,
): Promise<IdleFindings> {
  const start = clock.now();
  for (let wasBusy = false; ; wasBusy = true) {
    const findings = await inspectHost(session);
    const elapsed = Math.round(clock.now() - start);
    if (!findings.busy || elapsed >= timeoutSeconds) return { ...findings, wasBusy };
    progress.now(
      `waiting for a join or reset that is still at work on the host: ${elapsed} s of ${timeoutSeconds} s`,
    );
    await clock.sleep(1);
  }
}
