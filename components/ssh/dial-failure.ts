// Says why a dial failed, in words and as a kind, from what was seen of the server. Pure.
import { oneLine } from "../model/foreign-text.ts";
import type { LoginSecrets } from "./credentials.ts";
import { describeHostKey } from "./host-key.ts";
import { SshError } from "./ssh-error.ts";
import type { Target } from "./target.ts";
import { isUnresolved, unknownNameText } from "./unknown-name.ts";

/** What was seen of the server before a dial failed. */
export interface Sighting {
  connected: boolean;
  offeredKey?: Buffer;
  handshakeDone: boolean;
  /** What a server with which there was no agreement offers, by ssh2's name for the matter. */
  offers?: ReadonlyMap<string, string>;
  /** Ways to log in that the server named last. */
  methodsLeft?: readonly string[];
  /** It took one credential and wants a second one. */
  firstFactorTaken?: boolean;
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
  // A server says in its own words why it hangs up.
  const text = oneLine(cause instanceof Error ? cause.message : String(cause));
  if (seen.offeredKey !== undefined && !seen.offeredKey.equals(pinned)) {
    return new SshError(
      "host-key",
      `${where}: host key mismatch: the server has ${describeHostKey(seen.offeredKey)}, pinned is ${describeHostKey(pinned)}. ` +
        `No credentials were sent. If the machine was rebuilt, verify the new key on its console and change ${target.options.hostKey}; otherwise treat it as an attack.`,
      { cause },
    );
  }
  if (isLoginFailure(cause, seen)) {
    const refusal = explainLogin(target, secrets, seen, text);
    return new SshError("authentication", `${where}: ${refusal}`, { cause });
  }
  if (seen.offers !== undefined) {
    return new SshError("algorithms", `${where}: ${disagreement(text, seen.offers)}`, { cause });
  }
  if (isDropped(cause, seen)) {
    return new SshError(
      "dropped",
      `${where}: the server accepted the connection and closed it at once: ${text}. ` +
        "Check that an SSH server listens there, and whether it limits logins (MaxStartups in its sshd_config).",
      { cause },
    );
  }
  if (isUnresolved(cause))
    return new SshError("unreachable", `${where}: ${unknownNameText(target.server.address)}.`, { cause });
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

/** Says on what there is no agreement, what the server offers of it, and what to set there. */
function disagreement(text: string, offers: ReadonlyMap<string, string>): string {
  const offered = (what: string) => oneLine(offers.get(what) ?? "nothing");
  if (text.includes("key exchange"))
    return `no key exchange in common: the server offers only ${offered("KEX method")}. Allow one more there (sshd_config: KexAlgorithms +curve25519-sha256, in place of the line that is there)`;
  if (text.includes("host key format"))
    return `no host key type in common: the server offers only ${offered("Host key format")}. Host certificates are not supported: allow the plain key there as well (sshd_config: HostKeyAlgorithms +ssh-ed25519, in place of the line that is there), and pin it`;
  const [what] = /cipher|MAC|compression/.exec(text) ?? [];
  const list = what === undefined ? "" : ` It offers ${offered(`C->S ${what}`)}.`;
  return `${text}.${list} Allow another one there (sshd_config: Ciphers, MACs)`;
}

/** Says why nobody was let in, as far as the server tells. */
function explainLogin(target: Target, secrets: LoginSecrets, seen: Sighting, text: string): string {
  const { user } = target.server;
  const left = (seen.methodsLeft ?? []).map((method) => oneLine(method)).join(", ");
  const failed = `login as "${user}" failed`;
  if (seen.firstFactorTaken === true)
    return `${failed}: the first credential was accepted, but the server wants a second factor (${left}), and an unattended run has none. Let this login in by key alone (sshd_config: Match User ${user}, AuthenticationMethods publickey)`;
  if (/too many authentication failures/i.test(text) && secrets.agentSocket !== undefined)
    return `${failed}: ${text}. The agent offers its keys one after the other, and the server allows only a few attempts (MaxAuthTries): choose one by ssh.agentKey, or give it as a file`;
  const ours =
    secrets.password === undefined ? ["publickey"] : ["publickey", "password", "keyboard-interactive"];
  if (left !== "" && !seen.methodsLeft?.some((method) => ours.includes(method)))
    return `${failed}: the server accepts only ${left} for this login. Allow keys for it there (sshd_config: AuthenticationMethods, PubkeyAuthentication), or set ${target.options.user} to another one`;
  return `${failed}: ${text}. Check ${target.options.user} and ${loginRemedy(secrets)}.`;
}

function loginRemedy({ agentSocket, agentKey, password }: LoginSecrets): string {
  if (password !== undefined) return "the password, and that the server allows logins by password";
  return agentSocket === undefined
    ? "the credential, and that its public key is in the user's authorized_keys there"
    : agentKeyRemedy(agentKey);
}

function agentKeyRemedy(agentKey: string | undefined): string {
  const which = agentKey === undefined ? "a key (`ssh-add -l`)" : "the key of ssh.agentKey (`ssh-add -l`)";
  return `that the agent holds ${which} that is in the user's authorized_keys there`;
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
