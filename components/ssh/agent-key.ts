// One key of an agent that holds several: sshd hangs up after a few keys that do not fit (MaxAuthTries), and an agent
// offers all of its own. @pulumi/command takes the socket of an agent and nothing else, so it gets one that shows a
// single key.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import type { SshCredentials } from "./credentials.ts";
import { keyFingerprint } from "./host-key.ts";

/** Returns credentials with the sockets of agents that show one key in place of the agents' own; `reader` tells programs apart. */
export function throughKeyFilters(credentials: SshCredentials, reader: string): SshCredentials {
  const { bastion } = credentials;
  return {
    ...filtered(credentials, reader),
    ...(bastion && { bastion: { ...bastion, secrets: filtered(bastion.secrets, reader) } }),
  };
}

function filtered<Secrets extends Pick<SshCredentials, "agentSocket" | "agentKey">>(
  secrets: Secrets,
  reader: string,
): Secrets {
  const { agentSocket, agentKey } = secrets;
  if (agentSocket === undefined || agentKey === undefined) return secrets;
  return { ...secrets, agentSocket: filterSocket(agentKey, reader) };
}

/** Serves the sockets that `throughKeyFilters` names for as long as this process lives. */
export function serveKeyFilters(credentials: SshCredentials, reader: string): void {
  const secrets = [credentials, ...(credentials.bastion ? [credentials.bastion.secrets] : [])];
  const agents = new Map(
    secrets.flatMap(({ agentSocket, agentKey }) =>
      agentSocket !== undefined && agentKey !== undefined ? [[agentKey, agentSocket] as const] : [],
    ),
  );
  for (const [agentKey, agentSocket] of agents) serve(filterSocket(agentKey, reader), agentSocket, agentKey);
}

/** The same path in every run of one stack: it stands in the state, and another one would be a change. */
function filterSocket(agentKey: string, reader: string): string {
  const digest = createHash("sha256").update(`${reader} ${agentKey}`).digest("hex").slice(0, 16);
  return join(process.env.XDG_RUNTIME_DIR ?? join(homedir(), ".cache"), "nodepools", "agents", digest);
}

function serve(path: string, agentSocket: string, agentKey: string): void {
  const folder = join(path, "..");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  // A run that was killed has left it.
  rmSync(path, { force: true });
  const server = createServer((client) => forward(client, agentSocket, agentKey));
  server.unref();
  server.listen(path);
  process.once("exit", () => rmSync(path, { force: true }));
}

function forward(client: Socket, agentSocket: string, agentKey: string): void {
  const agent = connect(agentSocket);
  const only = new KeyFilter(agentKey);
  agent.on("data", (chunk) => {
    for (const message of only.take(chunk)) client.write(message);
  });
  client.pipe(agent);
  for (const [one, other] of [[client, agent] as const, [agent, client] as const]) {
    one.unref();
    one.on("error", () => undefined);
    one.on("close", () => other.destroy());
  }
}

/** SSH_AGENT_IDENTITIES_ANSWER (draft-ietf-sshm-ssh-agent, section 3.5). */
const identitiesAnswer = 12;

/** Cuts an agent's answers into messages, and leaves one key in those that list keys. */
export class KeyFilter {
  readonly #fingerprint: string;
  #rest = Buffer.alloc(0);

  constructor(fingerprint: string) {
    this.#fingerprint = fingerprint;
  }

  /** Takes what came and returns the messages that are complete. */
  take(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readUInt32BE(0)) {
      const end = 4 + this.#rest.readUInt32BE(0);
      messages.push(this.#filter(this.#rest.subarray(0, end)));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }

  #filter(message: Buffer): Buffer {
    if (message[4] !== identitiesAnswer) return message;
    const kept = readKeys(message).filter(({ key }) => keyFingerprint(key) === this.#fingerprint);
    const body = [Buffer.from([identitiesAnswer]), uint32(kept.length), ...kept.map(({ entry }) => entry)];
    const bytes = Buffer.concat(body);
    return Buffer.concat([uint32(bytes.length), bytes]);
  }
}

/** Reads the keys of a list, each with the bytes of its entry: key and comment, both with their length before them. */
function readKeys(message: Buffer): { key: Buffer; entry: Buffer }[] {
  const keys: { key: Buffer; entry: Buffer }[] = [];
  let at = 9;
  for (let left = message.readUInt32BE(5); left > 0; left--) {
    const keyEnd = at + 4 + message.readUInt32BE(at);
    const end = keyEnd + 4 + message.readUInt32BE(keyEnd);
    keys.push({ key: message.subarray(at + 4, keyEnd), entry: message.subarray(at, end) });
    at = end;
  }
  return keys;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
