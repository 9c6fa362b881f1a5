// Dials again when a try was in vain for now: a machine that starts, or an sshd that has too many logins at once.
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "ssh2";
import type { LoginSecrets } from "./credentials.ts";
import { dial } from "./dial.ts";
import { SshError, type SshErrorKind } from "./ssh-error.ts";
import type { Target } from "./target.ts";

// Ten tries last about 20 s: sshd with MaxStartups lets a few logins through at a time.
const attempts: Partial<Record<SshErrorKind, number>> = { unreachable: 3, dropped: 10 };
const firstDelayMilliseconds = 300;
const longestDelayMilliseconds = 4000;

/** Dials until it succeeds or further tries make no sense; throws what `dial` throws. */
export async function dialPatiently(
  target: Target,
  secrets: LoginSecrets,
  timeoutSeconds: number,
): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    const started = performance.now();
    try {
      return await dial(target, secrets, timeoutSeconds);
    } catch (error) {
      const allowed = error instanceof SshError ? (attempts[error.kind] ?? 1) : 1;
      const silent = performance.now() - started >= timeoutSeconds * 1000 - 50;
      if (attempt >= allowed || silent) {
        throw error;
      }
      await sleep(delay(attempt));
    }
  }
}

/** Grows with each try; random, because those that were dropped together would come back together. */
function delay(attempt: number): number {
  const longest = Math.min(firstDelayMilliseconds * 1.5 ** attempt, longestDelayMilliseconds);
  return longest * (0.5 + Math.random());
}
