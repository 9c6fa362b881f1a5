// How hosts are logged in to: `nodepools:ssh` with its bastion and the files that it names. Pure.
import type { z } from "zod";
import type { Bastion, LoginSecrets, SshCredentials } from "../ssh/credentials.ts";
import { privateKeyFault } from "../ssh/private-key.ts";
import { readAgentKey } from "./agent-key.ts";
import { checkFile, type Environment } from "./environment.ts";
import { readKnownHosts } from "./known-host-keys.ts";
import { formatPath, type Parsed, type Path, type Problem } from "./problem.ts";
import { isMap } from "./raw-config.ts";
import { credentialKinds, sshSchema } from "./ssh-schema.ts";
import { parseWith } from "./validate.ts";

/** Tells how hosts are logged in to when they do not say otherwise. */
export interface SshSettings {
  readonly user: string;
  readonly port: number;
  readonly credentials: SshCredentials;
  /** How many hosts may join at once. */
  readonly parallelJoins: number;
}

type DeclaredSsh = z.output<typeof sshSchema>;

const passwordText =
  "no credential, and the password of the hosts would be handed to it in clear: whoever holds the bastion would hold all hosts. Give the bastion a credential of its own, best a key.";

const bastionPath: Path = ["ssh", "bastion"];

/** Parses `nodepools:ssh`; an unreadable known_hosts file counts only if the bastion's key should be in it. */
export function parseSsh(raw: unknown, environment: Environment): Parsed<SshSettings> {
  const parsed = parseWith(sshSchema, raw, ["ssh"]);
  const rawBastion = isMap(raw) ? raw.bastion : undefined;
  const problems = [
    ...(parsed.problems ?? []),
    ...checkCredentialKinds(raw, ["ssh"], true),
    ...checkCredentialKinds(rawBastion, bastionPath, false),
  ];
  if (parsed.problems !== undefined || problems.length > 0) return { problems };
  const secrets = readCredential(parsed.value, ["ssh"], environment);
  const bastion = parseBastion(parsed.value, secrets.value ?? {}, raw, environment);
  if (secrets.problems !== undefined || bastion.problems !== undefined)
    return { problems: [...(secrets.problems ?? []), ...(bastion.problems ?? [])] };
  const { user, port, parallelJoins } = parsed.value;
  const credentials = { ...secrets.value, ...(bastion.value !== undefined && { bastion: bastion.value }) };
  return { value: { user, port, credentials, parallelJoins } };
}

/** Completes the bastion with the hosts' user and secrets and with its key from the known_hosts file. */
function parseBastion(
  { bastion, user }: DeclaredSsh,
  hostSecrets: LoginSecrets,
  raw: unknown,
  environment: Environment,
): Parsed<Bastion | undefined> {
  if (bastion === undefined) return { value: undefined };
  const { address, port } = bastion;
  const secrets = bastionSecrets(bastion, hostSecrets, environment);
  const hostKey = bastionKey(bastion, raw, environment);
  if (secrets.problems !== undefined || hostKey.problems !== undefined)
    return { problems: [...(secrets.problems ?? []), ...(hostKey.problems ?? [])] };
  const server = { address, port, user: bastion.user ?? user, hostKey: hostKey.value };
  return { value: { server, secrets: secrets.value } };
}

function bastionSecrets(
  bastion: NonNullable<DeclaredSsh["bastion"]>,
  hostSecrets: LoginSecrets,
  environment: Environment,
): Parsed<LoginSecrets> {
  if (givenCredentials(bastion).length > 0) return readCredential(bastion, bastionPath, environment);
  const problems = findUseless(bastion, bastionPath);
  if (problems.length > 0) return { problems };
  if (hostSecrets.password !== undefined) return { problems: [{ path: bastionPath, text: passwordText }] };
  return { value: hostSecrets };
}

function bastionKey(
  { address, port, hostKey }: NonNullable<DeclaredSsh["bastion"]>,
  raw: unknown,
  environment: Environment,
): Parsed<string> {
  const knownHosts = readKnownHosts(raw, environment);
  const key = hostKey ?? knownHosts.find(address, port);
  if (key !== undefined) return { value: key };
  // Another machine has the file that may name it.
  if (knownHosts.remedy === undefined && knownHosts.problems.length === 0) return { value: "" };
  const text = `missing, and only a machine whose key is known is connected to. ${knownHosts.remedy?.(address, port)}`;
  const missing: Problem = { path: [...bastionPath, "hostKey"], text };
  return { problems: knownHosts.remedy === undefined ? knownHosts.problems : [missing] };
}

/** What a map of the config says about credentials. */
export interface DeclaredCredential {
  readonly privateKeyFile?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly privateKeyPassphrase?: string | undefined;
  readonly agent?: true | undefined;
  readonly agentSocket?: string | undefined;
  readonly agentKey?: string | undefined;
  readonly password?: string | undefined;
}

/** Returns the kinds of credentials that a raw map gives. */
export function givenCredentials(raw: unknown): string[] {
  return isMap(raw) ? credentialKinds.filter((kind) => raw[kind] !== undefined) : [];
}

/** Reports more credentials than one, or none where one is needed; `path` leads to the map. */
export function checkCredentialKinds(raw: unknown, path: Path, isNeeded: boolean): Problem[] {
  if (!isMap(raw)) return [];
  const given = givenCredentials(raw);
  if (given.length === 1 || (given.length === 0 && !isNeeded)) return [];
  const found = given.length === 0 ? "no credential" : `${given.length} credentials (${given.join(", ")})`;
  const allowed = `${isNeeded ? "exactly" : "at most"} one of ${credentialKinds.join(", ")}`;
  return [{ path, text: `${found}; allowed: ${allowed}.` }];
}

/** Reads the one credential of the map at `path`. */
export function readCredential(
  declared: DeclaredCredential,
  path: Path,
  environment: Environment,
): Parsed<LoginSecrets> {
  const { privateKeyFile, privateKey, privateKeyPassphrase, password } = declared;
  const problems = findUseless(declared, path);
  if (problems.length > 0) return { problems };
  if (privateKeyFile !== undefined) {
    const filePath = [...path, "privateKeyFile"];
    const file = environment.readFile(privateKeyFile);
    if (file.fault !== undefined) {
      const problems = checkFile(filePath, privateKeyFile, file);
      return environment.toleratesMissingKey ? { value: { missing: formatProblem(problems) } } : { problems };
    }
    return checkPrivateKey(filePath, file.text, privateKeyPassphrase, environment);
  }
  if (privateKey !== undefined)
    return checkPrivateKey([...path, "privateKey"], privateKey, privateKeyPassphrase, environment);
  return password === undefined ? readAgent(declared, path, environment) : { value: { password } };
}

function readAgent(
  { agentSocket, agentKey }: DeclaredCredential,
  path: Path,
  environment: Environment,
): Parsed<LoginSecrets> {
  const socket = agentSocket ?? environment.agentSocket;
  if (socket === undefined) {
    const text =
      "no SSH agent runs here: SSH_AUTH_SOCK is not set. Start one and add the key, or give privateKeyFile.";
    return { problems: [{ path: [...path, "agent"], text }] };
  }
  if (agentKey === undefined) return { value: { agentSocket: socket } };
  const key = readAgentKey(agentKey, [...path, "agentKey"], environment);
  if (key.problems !== undefined) return key;
  return { value: { agentSocket: socket, ...(key.value !== undefined && { agentKey: key.value }) } };
}

function formatProblem([problem]: readonly Problem[]): string {
  return problem === undefined ? "" : `${formatPath(problem.path)}: ${problem.text}`;
}

/** Reports a passphrase without a key, and a key of an agent without the agent; `path` leads to the map. */
function findUseless(declared: DeclaredCredential, path: Path): Problem[] {
  const { privateKeyFile, privateKey, agent, agentSocket } = declared;
  const parts = [
    {
      field: "privateKeyPassphrase" as const,
      isUseful: (privateKeyFile ?? privateKey) !== undefined,
      text: "there is no private key that it could be for. Remove it, or give privateKeyFile.",
    },
    {
      field: "agentKey" as const,
      isUseful: (agent ?? agentSocket) !== undefined,
      text: "there is no agent that could hold it. Remove it, or give agent: true.",
    },
  ];
  return parts.flatMap(({ field, isUseful, text }) =>
    declared[field] === undefined || isUseful ? [] : [{ path: [...path, field], text }],
  );
}

/** A key that another machine has is no key yet. */
function checkPrivateKey(
  path: Path,
  key: string | undefined,
  passphrase: string | undefined,
  { hasStandIns }: Environment,
): Parsed<LoginSecrets> {
  if (key === undefined) return { value: {} };
  const text = hasStandIns ? undefined : privateKeyFault(key, passphrase);
  if (text !== undefined) return { problems: [{ path, text }] };
  return { value: { privateKey: key, ...(passphrase !== undefined && { passphrase }) } };
}
