// Opens SSH connections with the official plugin's retries: provider/pkg/provider/remote/connection.go in
// pulumi/pulumi-command.
import { connect as connectSocket, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { getSystemErrorMap } from "node:util";
import type { Client, ClientChannel, ConnectConfig } from "ssh2";
import ssh2 from "ssh2";
import { agentOf, connectConfig } from "./connect-config.ts";
import type { Connection, Endpoint } from "./inputs.ts";

/** What a dial reports to and obeys. */
export interface DialContext {
  /** Shows that an attempt failed and another follows. */
  status(text: string): void;
  /** Ends the waiting between attempts. */
  readonly cancelled: AbortSignal;
}

/** An open SSH connection. */
export interface OpenConnection {
  readonly client: Client;
  /** Closes the connection, and the one to the bastion that carries it. */
  close(): void;
}

// Go's retry.Until in pulumi/pulumi sdk/go/common/util/retry/until.go.
const FIRST_DELAY_MS = 100;
const BACKOFF = 1.5;
const LONGEST_DELAY_MS = 5000;

/** Connects to `connection`, through its bastion if it has one; throws once an error limit is passed. */
export async function dial(connection: Connection, context: DialContext): Promise<OpenConnection> {
  const { proxy, dialErrorLimit } = connection;
  for (const endpoint of [connection, ...(proxy ? [proxy] : [])]) await reachAgent(endpoint);
  if (!proxy) {
    const attempt = dialer(connection);
    const client = await retry("Dial", dialErrorLimit, context, attempt);
    return { client, close: () => client.end() };
  }
  try {
    return await dialThrough(proxy, connection, context);
  } catch (cause) {
    throw new Error(`proxy: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

async function dialThrough(
  proxy: Endpoint,
  target: Connection,
  context: DialContext,
): Promise<OpenConnection> {
  const [attempt, targetConfig] = [dialer(proxy), connectConfig(target)];
  const bastion = await retry("Dial proxy", proxy.dialErrorLimit, context, attempt);
  try {
    const sock = await retry("Dial from proxy", target.dialErrorLimit, context, () =>
      forward(bastion, target),
    );
    const client = await retry("Dial", target.dialErrorLimit, context, handshakes(targetConfig, sock));
    const close = () => {
      client.end();
      bastion.end();
    };
    return { client, close };
  } catch (error) {
    bastion.end();
    throw error;
  }
}

/** The original repeats a failed handshake on the same stream, which has ended by then: what was wrong is told nowhere. */
function handshakes(config: ConnectConfig, sock: ClientChannel): () => Promise<Client> {
  let isTried = false;
  return async () => {
    if (isTried) throw new Error("ssh: handshake failed: EOF");
    isTried = true;
    // Nothing keeps the carried connection alive in the original: TCP's probes go to the bastion only.
    return connect({ ...config, sock, keepaliveInterval: 0 });
  };
}

async function retry<T>(
  what: string,
  limit: number,
  { status, cancelled }: DialContext,
  attempt: () => Promise<T>,
): Promise<T> {
  let delay = FIRST_DELAY_MS;
  for (let failed = 1; ; failed++) {
    try {
      return await attempt();
    } catch (cause) {
      // One more attempt than the limit says, and this count in the message: both as in the original.
      if (limit >= 0 && failed > limit) throw tooManyFailures(failed - 1, cause);
    }
    status(`${what} ${failed}/${limit < 0 ? "inf" : limit} failed: retrying`);
    await pause(delay, undefined, { signal: cancelled }).catch((cause: unknown) => {
      throw new Error(`${what}: cancelled`, { cause });
    });
    delay = Math.min(delay * BACKOFF, LONGEST_DELAY_MS);
  }
}

function tooManyFailures(count: number, cause: unknown): Error {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new Error(`after ${count} failed attempts: ${text}`, { cause });
}

/** An agent that does not answer ends the command before the first dial, whatever other credentials there are. */
async function reachAgent(endpoint: Endpoint): Promise<void> {
  const path = agentOf(endpoint);
  if (path === undefined) return;
  const socket = await open(connectSocket(path)).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`dial unix ${path}: connect: ${inGosWords(cause)}`, { cause });
  });
  socket.destroy();
}

/** Returns what dials once; throws when the endpoint's keys cannot be read. */
function dialer(endpoint: Endpoint): () => Promise<Client> {
  const config = connectConfig(endpoint);
  return async () => connect({ ...config, sock: await openTcp(endpoint, config) });
}

async function openTcp({ host, port, perDialTimeout }: Endpoint, config: ConnectConfig): Promise<Socket> {
  const socket = connectSocket({
    host,
    port,
    keepAlive: true,
    keepAliveInitialDelay: config.keepaliveInterval,
  });
  const timer = setTimeout(() => socket.destroy(new Error("i/o timeout")), perDialTimeout * 1000);
  try {
    return await open(socket);
  } catch (cause) {
    throw new Error(`dial tcp ${host}:${port}: ${inGosWords(cause as NodeJS.ErrnoException)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

function open(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(socket)).once("error", reject);
  });
}

function inGosWords({ errno, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message;
}

function connect(config: ConnectConfig): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    client.once("ready", () => resolve(client));
    // Stays after "ready": a connection that breaks later ends its sessions, and must not end this process.
    client.on("error", (error) =>
      reject(
        new Error(`dial tcp ${config.host}:${config.port}: ${handshakeError(error, config)}`, {
          cause: error,
        }),
      ),
    );
    client.on("keyboard-interactive", (_name, _text, _language, prompts, answer) =>
      answer(prompts.map(() => config.password ?? "")),
    );
    client.connect(config);
  });
}

function handshakeError({ message }: Error, { algorithms }: ConnectConfig): string {
  if (!message.includes("no matching host key format")) return message;
  return `ssh: no common algorithm for host key; we offered: [${algorithms?.serverHostKey}]`;
}

function forward(bastion: Client, { host, port }: Endpoint): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    bastion.forwardOut("127.0.0.1", 0, host, port, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
  });
}
