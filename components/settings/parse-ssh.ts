// How hosts are logged in to: `nodepools:ssh` with its bastion and the files that it names. Pure.
import type { z } from "zod";
import type { Bastion, LoginSecrets, SshCredentials } from "../ssh/credentials.ts";
import { readKnownHosts } from "./known-host-keys.ts";
import { isMap } from "./loose.ts";
import { checkCredentialKinds, givenCredentials, readCredential, uselessPassphrase } from "./parse-login.ts";
import type { Parsed, Path, Problem } from "./problem.ts";
import { sshSchema } from "./ssh-schema.ts";
import type { Surroundings } from "./surroundings.ts";
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
export function parseSsh(raw: unknown, surroundings: Surroundings): Parsed<SshSettings> {
  const parsed = parseWith(sshSchema, raw, ["ssh"]);
  const rawBastion = isMap(raw) ? raw.bastion : undefined;
  const problems = [
    ...(parsed.problems ?? []),
    ...checkCredentialKinds(raw, ["ssh"], true),
    ...checkCredentialKinds(rawBastion, bastionPath, false),
  ];
  if (parsed.problems !== undefined || problems.length > 0) return { problems };
  const secrets = readCredential(parsed.value, ["ssh"], surroundings);
  const bastion = parseBastion(parsed.value, secrets.value ?? {}, raw, surroundings);
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
  surroundings: Surroundings,
): Parsed<Bastion | undefined> {
  if (bastion === undefined) return { value: undefined };
  const { address, port } = bastion;
  const secrets = bastionSecrets(bastion, hostSecrets, surroundings);
  const hostKey = bastionKey(bastion, raw, surroundings);
  if (secrets.problems !== undefined || hostKey.problems !== undefined)
    return { problems: [...(secrets.problems ?? []), ...(hostKey.problems ?? [])] };
  const server = { address, port, user: bastion.user ?? user, hostKey: hostKey.value };
  return { value: { server, secrets: secrets.value } };
}

function bastionSecrets(
  bastion: NonNullable<DeclaredSsh["bastion"]>,
  hostSecrets: LoginSecrets,
  surroundings: Surroundings,
): Parsed<LoginSecrets> {
  if (givenCredentials(bastion).length > 0) return readCredential(bastion, bastionPath, surroundings);
  if (bastion.privateKeyPassphrase !== undefined) return uselessPassphrase(bastionPath);
  if (hostSecrets.password !== undefined) return { problems: [{ path: bastionPath, text: passwordText }] };
  return { value: hostSecrets };
}

function bastionKey(
  { address, port, hostKey }: NonNullable<DeclaredSsh["bastion"]>,
  raw: unknown,
  surroundings: Surroundings,
): Parsed<string> {
  const knownHosts = readKnownHosts(raw, surroundings);
  const key = hostKey ?? knownHosts.find(address, port);
  if (key !== undefined) return { value: key };
  const text = `missing, and only a machine whose key is known is connected to. ${knownHosts.remedy}`;
  const missing: Problem = { path: [...bastionPath, "hostKey"], text };
  return { problems: knownHosts.remedy === undefined ? knownHosts.problems : [missing] };
}
