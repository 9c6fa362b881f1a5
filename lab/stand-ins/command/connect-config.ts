// Turns one endpoint of a command into the settings of an SSH client. Pure but for SSH_AUTH_SOCK.
import type { AuthenticationType, ConnectConfig, ServerHostKeyAlgorithm } from "ssh2";
import ssh2 from "ssh2";
import type { Endpoint } from "./inputs.ts";

// A dead machine shows after 150 s: Go's net.Dialer keeps TCP alive with probes every 15 s, of which nine may be lost.
// A lab has a shorter interval: see lab/clocks.ts.
const keepaliveSeconds = Number(process.env.NODEPOOLS_LAB_KEEPALIVE_SECONDS || 15);
const keepalive = { keepaliveInterval: keepaliveSeconds * 1000, keepaliveCountMax: 9 };

/** Builds the client settings for `endpoint`; throws when its host key or private key cannot be read. */
export function connectConfig(endpoint: Endpoint): ConnectConfig {
  refuseUnreadableKey(endpoint);
  const agent = agentOf(endpoint);
  const methods: [AuthenticationType, unknown][] = [
    ["publickey", endpoint.privateKey],
    ["password", endpoint.password],
    ["keyboard-interactive", endpoint.password],
    ["agent", agent],
  ];
  return {
    host: endpoint.host,
    port: endpoint.port,
    username: endpoint.user,
    // A server that accepts the connection and is silent then is waited for without end: perDialTimeout is TCP's.
    readyTimeout: 0,
    ...keepalive,
    tryKeyboard: endpoint.password !== undefined,
    authHandler: methods.filter(([, credential]) => credential !== undefined).map(([method]) => method),
    ...(endpoint.privateKey === undefined ? {} : { privateKey: endpoint.privateKey }),
    ...(endpoint.privateKeyPassword === undefined ? {} : { passphrase: endpoint.privateKeyPassword }),
    ...(endpoint.password === undefined ? {} : { password: endpoint.password }),
    ...(agent === undefined ? {} : { agent }),
    ...(endpoint.hostKey === undefined ? {} : hostKeyCheck(endpoint.hostKey)),
  };
}

/** Returns the socket of the agent that is asked: the one of the environment too, beside any other credential. */
export function agentOf({ agentSocketPath }: Endpoint): string | undefined {
  return agentSocketPath ?? (process.env.SSH_AUTH_SOCK || undefined);
}

function refuseUnreadableKey({ host, privateKey, privateKeyPassword }: Endpoint): void {
  if (privateKey === undefined) return;
  const key = ssh2.utils.parseKey(privateKey, privateKeyPassword);
  if (key instanceof Error) {
    throw new Error(`reading privateKey for "${host}": ${key.message}. Give the contents of a key file.`, {
      cause: key,
    });
  }
}

function hostKeyCheck(line: string): Pick<ConnectConfig, "hostVerifier" | "algorithms"> {
  const expected = ssh2.utils.parseKey(line);
  if (expected instanceof Error) {
    throw new Error(`reading hostKey: ${expected.message}. Give one line as in authorized_keys.`, {
      cause: expected,
    });
  }
  const wanted = expected.getPublicSSH();
  return {
    hostVerifier: (offered: Buffer) => offered.equals(wanted),
    // A server with several host keys must offer the one that was named; of an RSA key this asks for SHA-1 signatures.
    algorithms: { serverHostKey: [expected.type as ServerHostKeyAlgorithm] },
  };
}
