// Opens one authenticated connection to a host whose key is pinned; every failure becomes an SshError.
import ssh2, { type Client, type ConnectConfig, type ServerHostKeyAlgorithm } from "ssh2";
import type { HostAddress } from "../model/host.ts";
import type { SshCredentials } from "./credentials.ts";
import { describeHostKey, hostKeyAlgorithms, hostKeyBytes, hostKeyType } from "./host-key.ts";
import { describeHost, SshError } from "./ssh-error.ts";

/** Two unanswered keepalives, so a cut network shows after about 30 s. */
const keepalive = { keepaliveInterval: 10_000, keepaliveCountMax: 2 };

/** What was seen of the server before a dial failed. */
interface Sighting {
  offeredKey?: Buffer;
  handshakeDone: boolean;
}

/**
 * Connects and logs in, or throws an SshError of kind "unreachable", "host-key" or "authentication".
 * Nothing is sent to a server that does not prove the pinned key.
 */
export async function dial(
  host: HostAddress,
  credentials: SshCredentials,
  timeoutSeconds: number,
): Promise<Client> {
  requireReadableKey(host, credentials);
  const pinned = hostKeyBytes(host.hostKey);
  const seen: Sighting = { handshakeDone: false };
  const serverHostKey = hostKeyAlgorithms(hostKeyType(host.hostKey)) as ServerHostKeyAlgorithm[];
  try {
    return await connect(
      {
        ...login(host, credentials),
        ...keepalive,
        readyTimeout: timeoutSeconds * 1000,
        algorithms: { serverHostKey },
        hostVerifier: (key: Buffer) => {
          seen.offeredKey = key;
          return key.equals(pinned);
        },
      },
      seen,
    );
  } catch (error) {
    if (levelOf(error) === "handshake" && seen.offeredKey === undefined) {
      const offered = await offeredHostKey(host, timeoutSeconds);
      if (offered !== undefined) {
        seen.offeredKey = offered;
      }
    }
    throw explain(host, pinned, seen, error);
  }
}

/** Reads the private key before dialling, so that a bad key is told apart from a refused one. */
function requireReadableKey(host: HostAddress, credentials: SshCredentials): void {
  if (credentials.privateKey === undefined) {
    return;
  }
  const key = ssh2.utils.parseKey(credentials.privateKey, credentials.passphrase);
  if (key instanceof Error) {
    throw new SshError(
      "authentication",
      `read the private key for host "${describeHost(host)}": ${key.message}. ` +
        "Give an OpenSSH or PEM private key, and its passphrase when it is encrypted.",
      { cause: key },
    );
  }
}

function login(host: HostAddress, credentials: SshCredentials): ConnectConfig {
  return {
    host: host.address,
    port: host.port,
    username: host.user,
    ...(credentials.privateKey === undefined ? {} : { privateKey: credentials.privateKey }),
    ...(credentials.passphrase === undefined ? {} : { passphrase: credentials.passphrase }),
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    ...(credentials.agentSocket === undefined ? {} : { agent: credentials.agentSocket }),
  };
}

function connect(config: ConnectConfig, seen: Sighting): Promise<Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    // ssh2 may report a second error after the first; an unheard "error" event would end the process.
    client.on("error", reject);
    client.once("handshake", () => {
      seen.handshakeDone = true;
    });
    client.once("close", () => reject(new Error("the server closed the connection")));
    client.once("ready", () => resolve(client));
    client.connect(config);
  });
}

/** Asks a server that has no key of the pinned type which key it has, without logging in. */
async function offeredHostKey(host: HostAddress, timeoutSeconds: number): Promise<Buffer | undefined> {
  const seen: Sighting = { handshakeDone: false };
  const look: ConnectConfig = {
    host: host.address,
    port: host.port,
    username: host.user,
    readyTimeout: timeoutSeconds * 1000,
    hostVerifier: (key: Buffer) => {
      seen.offeredKey = key;
      return false;
    },
  };
  // The verifier refuses every key, so this always rejects; the key it saw is the answer.
  await connect(look, seen).catch(() => undefined);
  return seen.offeredKey;
}

function explain(host: HostAddress, pinned: Buffer, seen: Sighting, cause: unknown): SshError {
  const where = `connect to host "${describeHost(host)}"`;
  if (seen.offeredKey !== undefined && !seen.offeredKey.equals(pinned)) {
    return new SshError(
      "host-key",
      `${where}: the server's key is ${describeHostKey(seen.offeredKey)}, pinned is ${describeHostKey(pinned)}. ` +
        "Nothing was sent. If the machine was rebuilt, verify the new key on its console and change hostKey; otherwise treat it as an attack.",
      { cause },
    );
  }
  const text = cause instanceof Error ? cause.message : String(cause);
  if (isLoginFailure(cause, seen)) {
    return new SshError(
      "authentication",
      `${where}: login as "${host.user}" failed: ${text}. ` +
        "Check ssh.user and the credential, and that its public key is in the user's authorized_keys on the host.",
      { cause },
    );
  }
  return new SshError(
    "unreachable",
    `${where}: ${text}. Check that the host is on, that address and port are right, and that a firewall lets SSH through.`,
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

function levelOf(error: unknown): string | undefined {
  return error instanceof Error && "level" in error && typeof error.level === "string"
    ? error.level
    : undefined;
}
