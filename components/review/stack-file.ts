// What a stack declares, read from the text of its config file as the engine would hand it to the program, but with
// nothing decrypted and nothing evaluated: the text may be a stranger's. Pure.
import { createHash } from "node:crypto";
import { configBytes, sizeFault } from "../settings/config-size.ts";
import type { RawSettings } from "../settings/parse-settings.ts";
import { isMap, parseConfigValue, type Unvalidated } from "../settings/raw-config.ts";
import { readYaml } from "../settings/yaml-text.ts";

/** Holds the config of a stack, or why its file cannot be read. */
export type StackFile =
  | {
      readonly raw: RawSettings;
      /** Why no program can be started with it. */
      readonly tooLarge?: string;
      readonly fault?: undefined;
    }
  | { readonly fault: string; readonly raw?: undefined };

/** Takes a config that is to be used: one that is too large is none. */
export function usable(file: StackFile): StackFile {
  return file.fault === undefined && file.tooLarge !== undefined ? { fault: file.tooLarge } : file;
}

/** Holds what Pulumi.yaml says about the stacks of its project. */
export interface Project {
  readonly name: string;
  /** Folder of the stacks' config files, relative to the project's. */
  readonly stackFolder: string;
  /** Values of config keys that stacks do not set. */
  readonly defaults: Unvalidated;
  /** Why nothing is known of it; no program can be started then. */
  readonly fault?: string;
}

/** Returns a project of which nothing is known. */
export function unreadable(fault: string): Project {
  return { name: "", stackFolder: ".", defaults: {}, fault };
}

/** Reads the text of Pulumi.yaml. */
export function parseProject(text: string): Project {
  const parsed = readYaml(text);
  if (parsed.fault !== undefined) return unreadable(parsed.fault);
  const file = isMap(parsed.value) ? parsed.value : {};
  const name = typeof file.name === "string" ? file.name : "";
  const stackFolder = typeof file.stackConfigDir === "string" ? file.stackConfigDir : ".";
  const declared = isMap(file.config) ? Object.entries(file.config) : [];
  // In Pulumi.yaml a key without a namespace is the project's own.
  const keys = declared.map(([key, entry]) => [key.includes(":") ? key : `${name}:${key}`, defaultOf(entry)]);
  return { name, stackFolder, defaults: Object.fromEntries(keys) };
}

function defaultOf(entry: unknown): unknown {
  return isMap(entry) ? (entry.value ?? entry.default) : entry;
}

interface Encrypted {
  readonly secure: string;
}

/** Passes wherever a secret may stand, says nothing of it, and is another one when it was encrypted anew. */
function standIn({ secure }: Encrypted): string {
  const digest = createHash("sha256").update(secure).digest("base64");
  return `-----BEGIN EC PRIVATE KEY-----\n${digest}\n-----END EC PRIVATE KEY-----\n`;
}

/** What a key is read as when all of its value is encrypted. */
function whollyEncrypted(key: string, value: Encrypted): unknown {
  if (key === "cluster") return { kubeconfig: standIn(value) };
  return key === "ssh" ? { privateKey: standIn(value), knownHostsFile: "encrypted" } : standIn(value);
}

/** Reads the text of `Pulumi.<stack>.yaml`. */
export function parseStackFile(text: string, { defaults }: Pick<Project, "defaults">): StackFile {
  const parsed = readYaml(text);
  if (parsed.fault !== undefined) return { fault: parsed.fault };
  const config = isMap(parsed.value) && isMap(parsed.value.config) ? parsed.value.config : {};
  const all = { ...defaults, ...config };
  const read = (key: string) => readKey(all, key);
  const hasSecretInPools = ["pools", "poolsFile"].some((key) => holdsEncrypted(find(all, key)));
  const pools = { pools: read("pools"), poolsFile: read("poolsFile") };
  const tooLarge = sizeFault(configBytes(all));
  const raw = { cluster: read("cluster"), ssh: read("ssh"), ...pools, hasSecretInPools };
  return { raw, ...(tooLarge !== undefined && { tooLarge }) };
}

function find(config: Unvalidated, key: string): unknown {
  return config[`nodepools:${key}`] ?? config[`nodepools:config:${key}`];
}

function readKey(config: Unvalidated, key: string): unknown {
  const value = find(config, key);
  if (value === undefined || value === null) return undefined;
  if (isEncrypted(value)) return whollyEncrypted(key, value);
  // The CLI writes what it was given as one JSON text as that text.
  return typeof value === "string" ? parseConfigValue(value) : withStandIns(value);
}

function isEncrypted(value: unknown): value is Encrypted {
  return isMap(value) && Object.keys(value).length === 1 && typeof value.secure === "string";
}

function holdsEncrypted(value: unknown): boolean {
  if (isEncrypted(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsEncrypted);
}

function withStandIns(value: unknown): unknown {
  if (isEncrypted(value)) return standIn(value);
  if (Array.isArray(value)) return value.map(withStandIns);
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withStandIns(field)]));
}
