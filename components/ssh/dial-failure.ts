// Says why a dial failed, in words and as a kind, from what was seen of the server. Pure.
import type { LoginSecrets } from "./credentials.ts";
import { describeHostKey } from "./host-key.ts";
import { SshError } from "./ssh-error.ts";
import type { Target } from "./target.ts";

/** What was seen of the server before a dial failed. */
export interface Sighting {
  connected: boolean;
  offeredKey?: Buffer;
  handshakeDone: boolean;
}

/** Level of ssh2's errors while keys are agreed upon. */
export const handshakeLevel = "handshake";

/** Words a failed dial. */
export function explainDial(
  target: Target,
  secrets: LoginSecrets,
  pinned: Buffer,
  seen: Sighting,
  cause: unknown,
): SshError {
  const where = `connecting to ${target.name}`;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (seen.offeredKey !== undefined && !seen.offeredKey.equals(pinned)) {
    return new SshError(
      "host-key",
      `${where}: the server's key is ${describeHostKey(seen.offeredKey)}, pinned is ${describeHostKey(pinned)}. ` +
        `Nothing was sent. If the machine was rebuilt, verify the new key on its console and change ${target.options.hostKey}; otherwise treat it as an attack.`,
      { cause },
    );
  }
  if (isLoginFailure(cause, seen)) {
    return new SshError(
      "authentication",
      `${where}: login as "${target.server.user}" failed: ${text}. ` +
        `Check ${target.options.user} and ${loginRemedy(secrets)}.`,
      { cause },
    );
  }
  if (isDropped(cause, seen)) {
    return new SshError(
      "dropped",
      `${where}: it answered and hung up at once: ${text}. ` +
        "Check that an SSH server listens there, and whether it limits logins (MaxStartups in its sshd_config).",
      { cause },
    );
  }
  return new SshError(
    "unreachable",
    `${where}: ${text}. Check that the ${target.role} is on, that address and port are right, and that a firewall lets SSH through.`,
    { cause },
  );
}

/** A login failed when ssh2 or the agent says so, or when the server hangs up after it proved its key. */
function isLoginFailure(cause: unknown, seen: Sighting): boolean {
  const level = levelOf(cause);
  return (
    level === "client-authentication" || level === "agent" || (seen.handshakeDone && level === undefined)
  );
}

function loginRemedy({ agentSocket, password }: LoginSecrets): string {
  if (password !== undefined) return "the password, and that the server allows logins by password";
  return agentSocket === undefined
    ? "the credential, and that its public key is in the user's authorized_keys there"
    : "that the agent holds a key (`ssh-add -l`) that is in the user's authorized_keys there";
}

/** sshd that has too many logins to handle closes new connections before it says anything. */
function isDropped(cause: unknown, seen: Sighting): boolean {
  const level = levelOf(cause);
  const isLost = level === "protocol" || level === "client-socket" || level === undefined;
  return seen.connected && seen.offeredKey === undefined && isLost;
}

/** Returns where ssh2 says that an error arose. */
export function levelOf(error: unknown): string | undefined {
  return error instanceof Error && "level" in error && typeof error.level === "string"
    ? error.level
    : undefined;
}
