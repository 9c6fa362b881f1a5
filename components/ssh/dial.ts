// Opens one authenticated connection to a server whose key is pinned; every failure becomes an SshError.
import ssh2, {
  type AuthenticationType,
  type AuthHandlerMiddleware,
  type Client,
  type ConnectConfig,
  type IdentityCallback,
  type ParsedKey,
  type ServerHostKeyAlgorithm,
} from "ssh2";
import type { LoginSecrets } from "./credentials.ts";
import { explainDial, handshakeLevel, levelOf, type Sighting } from "./dial-failure.ts";
import { hostKeyAlgorithms, hostKeyBytes, hostKeyType, keyFingerprint } from "./host-key.ts";
import { SshError } from "./ssh-error.ts";
import type { Target } from "./target.ts";

/**
 * Connects and logs in, or throws an SshError of kind "unreachable", "dropped", "algorithms", "host-key",
 * "authentication" or "bastion". Nothing is sent to a server that does not prove the pinned key.
 */
export async function dial(target: Target, secrets: LoginSecrets, timeoutSeconds: number): Promise<Client> {
  requireReadableKey(target, secrets);
  const { server } = target;
  const pinned = hostKeyBytes(server.hostKey);
  const seen: Sighting = { connected: false, handshakeDone: false };
  const serverHostKey = hostKeyAlgorithms(hostKeyType(server.hostKey)) as ServerHostKeyAlgorithm[];
  const config: ConnectConfig = {
    ...login(secrets),
    ...listening(secrets, seen),
    keepaliveInterval: target.keepaliveSeconds * 1000,
    keepaliveCountMax: 2,
    algorithms: { serverHostKey },
    hostVerifier: (key: Buffer) => {
      seen.offeredKey = key;
      return key.equals(pinned);
    },
  };
  try {
    return await connect(target, config, timeoutSeconds, seen);
  } catch (error) {
    // The bastion's own failure.
    if (error instanceof SshError) throw error;
    if (levelOf(error) === handshakeLevel && seen.offeredKey === undefined) {
      const { offeredKey, offers } = await lookAtServer(target, timeoutSeconds);
      if (offeredKey !== undefined) seen.offeredKey = offeredKey;
      if (offers !== undefined) seen.offers = offers;
    }
    throw explainDial(target, secrets, pinned, seen, error);
  }
}

/** Reads the private key before dialling, so that a bad key is told apart from a refused one. */
function requireReadableKey(target: Target, secrets: LoginSecrets): void {
  if (secrets.privateKey === undefined) {
    return;
  }
  const key = ssh2.utils.parseKey(secrets.privateKey, secrets.passphrase);
  if (key instanceof Error) {
    throw new SshError(
      "authentication",
      `reading the private key for ${target.name}: ${key.message}. ` +
        "Give an OpenSSH or PEM private key, and its passphrase when it is encrypted.",
      { cause: key },
    );
  }
}

function login({ privateKey, passphrase, password, agentSocket, agentKey }: LoginSecrets): ConnectConfig {
  return {
    ...(privateKey !== undefined && { privateKey }),
    ...(passphrase !== undefined && { passphrase }),
    // Many servers ask for the password as a question only (PAM).
    ...(password !== undefined && { password, tryKeyboard: true }),
    ...(agentSocket !== undefined && {
      agent: agentKey === undefined ? agentSocket : new OneKeyAgent(agentSocket, agentKey),
    }),
  };
}

function listening(secrets: LoginSecrets, seen: Sighting): ConnectConfig {
  const authHandler = inTurn(secrets, seen);
  return secrets.agentSocket === undefined
    ? { authHandler }
    : { authHandler, debug: notingSecondFactor(seen) };
}

/** Tries what there is, one after the other as ssh2 does by itself, and notes what the server says to that. */
function inTurn(secrets: LoginSecrets, seen: Sighting): AuthHandlerMiddleware {
  const methods: readonly AuthenticationType[] = [
    "none",
    ...(secrets.password === undefined ? [] : (["password"] as const)),
    ...(secrets.privateKey === undefined ? [] : (["publickey"] as const)),
    ...(secrets.agentSocket === undefined ? [] : (["agent"] as const)),
    ...(secrets.password === undefined ? [] : (["keyboard-interactive"] as const)),
  ];
  let tried = 0;
  return (left, isPartial, next) => {
    if (isPartial) seen.firstFactorTaken = true;
    if (left && (isPartial || !seen.firstFactorTaken)) seen.methodsLeft = left;
    const method = methods[tried++];
    // The types know no end of the methods, which is what false says.
    next(method ?? (false as unknown as AuthenticationType));
  };
}

/**
 * After each key of an agent ssh2 tries the next one and keeps to itself what the server said: only its debug lines tell
 * that a key was accepted and that the server goes on with other methods than before.
 */
function notingSecondFactor(seen: Sighting): (line: string) => void {
  let atFirst: string | undefined;
  let isAccepted = false;
  return (line) => {
    isAccepted ||= line.includes("Received USERAUTH_PK_OK");
    const [, left] = /Received USERAUTH_FAILURE \((.*)\)$/.exec(line) ?? [];
    if (left === undefined) return;
    atFirst ??= left;
    if (isAccepted && left !== atFirst) {
      seen.firstFactorTaken = true;
      seen.methodsLeft = left.split(",");
    }
    isAccepted = false;
  };
}

/** Shows one key of an agent. */
class OneKeyAgent extends ssh2.OpenSSHAgent {
  readonly #fingerprint: string;

  constructor(socket: string, fingerprint: string) {
    super(socket);
    this.#fingerprint = fingerprint;
  }

  override getIdentities(answer: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys = []) => {
      const held = keys.map((key) => keyFingerprint((key as ParsedKey).getPublicSSH()));
      const kept = keys.filter((_key, at) => held[at] === this.#fingerprint);
      if (error || kept.length > 0) answer(error, kept);
      else
        answer(new Error(`the agent has no key ${this.#fingerprint}; it has: ${held.join(", ") || "none"}`));
    });
  }
}

async function connect(
  { server, openStream }: Target,
  config: ConnectConfig,
  timeoutSeconds: number,
  seen: Sighting,
): Promise<Client> {
  const sock = await openStream?.(timeoutSeconds);
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const fail = (error: Error): void => {
      reject(error);
      client.destroy();
    };
    // ssh2 may report a second error after the first; an unheard "error" event would end the process.
    client.on("error", fail);
    client.once("connect", () => {
      seen.connected = true;
    });
    client.once("handshake", () => {
      seen.handshakeDone = true;
    });
    client.on("keyboard-interactive", (_name, _text, _language, prompts, answer) =>
      answer(prompts.map(() => config.password ?? "")),
    );
    client.once("close", () => fail(new Error("the server closed the connection")));
    client.once("ready", () => {
      client.off("error", fail);
      resolve(client);
    });
    client.connect({
      ...config,
      host: server.address,
      port: server.port,
      username: server.user,
      readyTimeout: timeoutSeconds * 1000,
      ...(sock !== undefined && { sock }),
    });
  });
}

/** Asks a server with which there is no agreement what it has to offer, without logging in. */
async function lookAtServer(target: Target, timeoutSeconds: number): Promise<Sighting> {
  const seen: Sighting = { connected: false, handshakeDone: false };
  const offers = new Map<string, string>();
  const look: ConnectConfig = {
    hostVerifier: (key: Buffer) => {
      seen.offeredKey = key;
      return false;
    },
    debug: (line) => {
      const [, what = "", list] = /^Handshake: \(remote\) ([^:]+): (.*)$/.exec(line) ?? [];
      if (list !== undefined) offers.set(what, list);
    },
  };
  // The verifier refuses every key, so this always rejects; what it saw is the answer.
  await connect(target, look, timeoutSeconds, seen).catch(() => undefined);
  return { ...seen, offers };
}
