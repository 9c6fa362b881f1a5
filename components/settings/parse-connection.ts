// How the cluster and its hosts are reached: `nodepools:cluster` and `nodepools:ssh` with the files that they name. Pure.
import type { z } from "zod";
import type { SshCredentials } from "../ssh/credentials.ts";
import { isMap } from "./loose.ts";
import { type Parsed, type Path, type Problem, show } from "./problem.ts";
import { clusterSchema, sshSchema } from "./schema.ts";
import { privateKeyForm } from "./ssh-syntax.ts";
import type { FileText, Surroundings } from "./surroundings.ts";
import { parseWith } from "./validate.ts";

/** Tells which cluster to connect to. */
export interface ClusterSettings {
  /** Path of a kubeconfig, or its text: a secret. */
  readonly kubeconfig: string;
  /** Absent means the kubeconfig's current context. */
  readonly context?: string;
}

/** Tells how hosts are logged in to when they do not say otherwise. */
export interface SshSettings {
  readonly user: string;
  readonly port: number;
  readonly credentials: SshCredentials;
}

/** Parses `nodepools:cluster`. */
export function parseCluster(raw: unknown, surroundings: Surroundings): Parsed<ClusterSettings> {
  const parsed = parseWith(clusterSchema, raw, ["cluster"]);
  const problems = [...(parsed.problems ?? []), ...checkKubeconfigFile(raw, surroundings)];
  if (parsed.problems !== undefined || problems.length > 0) return { problems };
  const { kubeconfig, context } = parsed.value;
  return { value: { kubeconfig, ...(context !== undefined && { context }) } };
}

function checkKubeconfigFile(raw: unknown, surroundings: Surroundings): Problem[] {
  const kubeconfig = isMap(raw) ? raw.kubeconfig : undefined;
  // A kubeconfig's text has several lines or is JSON; no sensible path looks like that.
  if (typeof kubeconfig !== "string" || kubeconfig === "" || /[\n{]/.test(kubeconfig)) return [];
  return checkFile(["cluster", "kubeconfig"], kubeconfig, surroundings.readFile(kubeconfig));
}

/** Reports a file that the config names and that cannot be read. */
export function checkFile(path: Path, file: string, { fault }: FileText): Problem[] {
  if (fault === undefined) return [];
  const remedy = file.startsWith(".lab/")
    ? "The lab writes it when it starts: run `npm run lab up` first."
    : "Paths are relative to the project's folder: correct the path, or create the file.";
  return [{ path, text: `${show(file)} cannot be read: ${fault}. ${remedy}` }];
}

const credentialKinds = ["privateKeyFile", "privateKey", "agent", "agentSocket", "password"] as const;

/** Parses `nodepools:ssh`; its known_hosts file matters to hosts only, and is left to them. */
export function parseSsh(raw: unknown, surroundings: Surroundings): Parsed<SshSettings> {
  const parsed = parseWith(sshSchema, raw, ["ssh"]);
  const problems = [...(parsed.problems ?? []), ...checkCredentialKinds(raw)];
  if (parsed.problems !== undefined || problems.length > 0) return { problems };
  const credentials = readCredentials(parsed.value, surroundings);
  if (credentials.problems !== undefined) return credentials;
  const { user, port } = parsed.value;
  return { value: { user, port, credentials: credentials.value } };
}

function checkCredentialKinds(raw: unknown): Problem[] {
  if (!isMap(raw)) return [];
  const given = credentialKinds.filter((kind) => raw[kind] !== undefined);
  if (given.length === 1) return [];
  const found = given.length === 0 ? "no credential" : `${given.length} credentials (${given.join(", ")})`;
  return [{ path: ["ssh"], text: `${found}; allowed: exactly one of ${credentialKinds.join(", ")}.` }];
}

function readCredentials(
  ssh: z.output<typeof sshSchema>,
  surroundings: Surroundings,
): Parsed<SshCredentials> {
  const { privateKeyFile, privateKey, privateKeyPassphrase, password, agentSocket } = ssh;
  if (privateKeyFile !== undefined) {
    const path = ["ssh", "privateKeyFile"];
    const file = surroundings.readFile(privateKeyFile);
    if (file.fault !== undefined) return { problems: checkFile(path, privateKeyFile, file) };
    return checkPrivateKey(path, file.text, privateKeyPassphrase);
  }
  if (privateKey !== undefined)
    return checkPrivateKey(["ssh", "privateKey"], privateKey, privateKeyPassphrase);
  if (privateKeyPassphrase !== undefined) {
    const text = "there is no private key that it could be for. Remove it, or give privateKeyFile.";
    return { problems: [{ path: ["ssh", "privateKeyPassphrase"], text }] };
  }
  if (password !== undefined) return { value: { password } };
  const socket = agentSocket ?? surroundings.agentSocket;
  if (socket !== undefined) return { value: { agentSocket: socket } };
  const text =
    "no SSH agent runs here: SSH_AUTH_SOCK is not set. Start one and add the key, or give privateKeyFile.";
  return { problems: [{ path: ["ssh", "agent"], text }] };
}

function checkPrivateKey(path: Path, key: string, passphrase: string | undefined): Parsed<SshCredentials> {
  const form = privateKeyForm(key);
  if (form === "unusable") {
    const text =
      "not a private key in OpenSSH or PEM (RSA, EC) form. Give the file that ssh-keygen wrote, without .pub; `ssh-keygen -p -f <file>` converts others.";
    return { problems: [{ path, text }] };
  }
  if (form === "encrypted" && passphrase === undefined) {
    const text =
      "the key is encrypted and there is no passphrase. Give privateKeyPassphrase as a secret, or use an agent.";
    return { problems: [{ path, text }] };
  }
  return { value: { privateKey: key, ...(passphrase !== undefined && { passphrase }) } };
}
