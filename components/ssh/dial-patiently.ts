// Dials again when a try was in vain for now: a machine that starts, or an sshd that has too many logins at once.
import type { Client } from "ssh2";
import { type Clock, retry, systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import type { LoginSecrets } from "./credentials.ts";
import { dial } from "./dial.ts";
import { SshError, type SshErrorKind } from "./ssh-error.ts";
import type { Target } from "./target.ts";

// Ten tries last about 20 s: sshd with MaxStartups lets a few logins through at a time.
const attempts: Partial<Record<SshErrorKind, number>> = { unreachable: 3, dropped: 10 };

/** Dials until it succeeds or further tries make no sense; throws what `dial` throws. */
export async function dialPatiently(
  target: Target,
  secrets: LoginSecrets,
  timeoutSeconds: number,
  clock: Clock = systemClock,
): Promise<Client> {
  let startedAt = clock.now();
  const attempt = () => {
    startedAt = clock.now();
    return dial(target, secrets, timeoutSeconds);
  };
  return retry(clock, attempt, (error, failures) => {
    const allowed = error instanceof SshError ? (attempts[error.kind] ?? 1) : 1;
    const wasSilent = clock.now() - startedAt >= timeoutSeconds - durations.ssh.dialLeeway;
    return failures < allowed && !wasSilent ? pauseAfter(failures) : undefined;
  });
}

/** Grows with each try; random, because those that were dropped together would come back together. */
function pauseAfter(failures: number): number {
  const { first, longest: limit } = durations.ssh.dialAgain;
  const longest = Math.min(first * 1.5 ** failures, limit);
  return longest * (0.5 + Math.random());
}
