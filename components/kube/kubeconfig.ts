// Reads a kubeconfig, given as a path or as its text, and selects what one context of it names.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { systemClock, writeTime } from "../model/clock.ts";
import { AccessError } from "./kube-error.ts";
import {
  type ClusterEntry,
  entryFields,
  fileFields,
  type KubeconfigFile,
  type UserEntry,
} from "./kubeconfig-fields.ts";
import { clusterFault, endOfToken, type Fault, userFault } from "./kubeconfig-rules.ts";

/** What one context of a kubeconfig names, with absolute paths. */
export interface Kubeconfig {
  readonly context: string;
  /** Names of all contexts. */
  readonly contexts: readonly string[];
  readonly clusterName: string;
  readonly cluster: ClusterEntry & { readonly server: string };
  readonly userName: string;
  readonly user: UserEntry;
}

/** Reads it and selects a context, its current one when none is given; throws AccessError. */
export function loadKubeconfig(kubeconfig: string, context: string | undefined): Kubeconfig {
  const source = sourceOf(kubeconfig);
  const path = isText(kubeconfig) ? undefined : pathOf(kubeconfig);
  const file = parse(path === undefined ? kubeconfig : readText(path, source), source);
  // The paths in a text are the project's, as every path of the config.
  return select(file, context ?? file["current-context"], source, path === undefined ? "." : dirname(path));
}

/** Names the kubeconfig in errors. */
export function sourceOf(kubeconfig: string): string {
  return isText(kubeconfig) ? "the kubeconfig given as text" : `kubeconfig "${pathOf(kubeconfig)}"`;
}

/** Names the contexts of a kubeconfig in errors. */
export function contextNames({ contexts }: Pick<Kubeconfig, "contexts">): string {
  return contexts.join(", ") || "none";
}

/** Reads a file; throws AccessError naming `source`. */
export function readText(path: string, source: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new AccessError(`reading ${source}: ${code === "ENOENT" ? "no such file" : code}.`, { cause });
  }
}

function isText(kubeconfig: string): boolean {
  return /[\n{]/.test(kubeconfig);
}

function pathOf(kubeconfig: string): string {
  return resolve(kubeconfig.replace(/^~(?=\/)/, homedir()));
}

function parse(text: string, source: string): KubeconfigFile {
  // The parser's own messages quote the text around the fault, which may be a key; so they are not passed on.
  const document = parseDocument(text, { merge: true, logLevel: "silent" });
  const [error] = document.errors;
  if (error !== undefined)
    throw new AccessError(`reading ${source}: line ${error.linePos?.[0].line ?? "?"} is not valid YAML.`);
  const file = parseFields(fileFields, document.toJS() ?? {}, [], source);
  const kind = file.kind ?? "Config";
  if (kind !== "Config" || (file.apiVersion ?? "v1") !== "v1") {
    throw new AccessError(`reading ${source}: its kind is not Config of apiVersion v1. Give a kubeconfig.`);
  }
  return file;
}

/** Reads fields; an error names the field by its path below `place`. */
function parseFields<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  place: readonly string[],
  source: string,
): z.output<Schema> {
  const { data, error } = schema.safeParse(given);
  const [issue] = error?.issues ?? [];
  if (issue === undefined) return data as z.output<Schema>;
  const path = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`));
  throw refusal(source, place, path.join("").replace(/^\./, ""), issue.message);
}

function refusal(source: string, place: readonly string[], field: string, text: string): AccessError {
  const where = [...place, field].filter((part) => part !== "").join(", ");
  return new AccessError(`reading ${source}: ${where === "" ? "" : `${where}: `}${text}.`);
}

/** Takes what a context names; the entries of other contexts are not looked at. */
function select(
  file: KubeconfigFile,
  wanted: string | undefined,
  source: string,
  folder: string,
): Kubeconfig {
  const contexts = file.contexts?.map(({ name }) => name) ?? [];
  const fail = (text: string) =>
    new AccessError(`reading ${source}: ${text}. Contexts available: ${contextNames({ contexts })}.`);
  if (!wanted) throw fail("it has no current context");
  const entry = file.contexts?.find(({ name }) => name === wanted);
  if (entry === undefined) throw fail(`no context "${wanted}"`);
  const place = `context "${wanted}"`;
  const names = parseFields(entryFields.context, entry.context ?? {}, [place], source);
  const { cluster: clusterName = "", user: userName = "" } = names;
  const onlyOne = <Entry extends { name: string }>(entries: readonly Entry[] = [], name: string): Entry => {
    const [first, second] = entries.filter((each) => each.name === name);
    if (first === undefined) throw fail(`${place} names a cluster or user that it lacks`);
    if (second !== undefined) throw fail(`${place} names a cluster or user that is there twice`);
    return first;
  };
  const cluster = readCluster(onlyOne(file.clusters, clusterName), source);
  const user = readUser(onlyOne(file.users, userName), source);
  return {
    ...{ context: wanted, contexts, clusterName, userName },
    cluster: { ...withPaths(cluster, folder), server: (cluster.server ?? "").replace(/\/+$/, "") },
    user: withPaths(user, folder),
  };
}

function readCluster(entry: { name: string; cluster?: unknown }, source: string): ClusterEntry {
  const place = [`cluster "${entry.name}"`];
  const cluster = parseFields(entryFields.cluster, entry.cluster ?? {}, place, source);
  refuse(clusterFault(cluster), place, source);
  return cluster;
}

function readUser(entry: { name: string; user?: unknown }, source: string): UserEntry {
  const place = [`user "${entry.name}"`];
  const user = parseFields(entryFields.user, entry.user ?? {}, place, source);
  refuse(userFault(user) ?? endedToken(user), place, source);
  return user;
}

function refuse(fault: Fault | undefined, place: readonly string[], source: string): void {
  if (fault !== undefined) throw refusal(source, place, ...fault);
}

function endedToken(user: UserEntry): Fault | undefined {
  const end = endOfToken(user["auth-provider"]?.config?.["id-token"] ?? "");
  if (end === undefined || end > systemClock.now()) return undefined;
  const remedy =
    "Run kubectl once with this kubeconfig, which asks for a new one and writes it down, or use exec";
  return ["auth-provider", `its id-token ended at ${writeTime(end)}. ${remedy}`];
}

const paths = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/** Makes paths absolute: they are relative to the folder of the kubeconfig; a command without a slash is found on PATH. */
function withPaths<Entry extends ClusterEntry | UserEntry>(entry: Entry, folder: string): Entry {
  const inside = (path: string) => (isAbsolute(path) ? path : join(resolve(folder), path));
  const fields = Object.entries(entry).map(([name, value]) => [
    name,
    paths.includes(name) && typeof value === "string" ? inside(value) : value,
  ]);
  const absolute = Object.fromEntries(fields) as Entry;
  if (!("exec" in absolute) || !absolute.exec?.command?.includes("/")) return absolute;
  return { ...absolute, exec: { ...absolute.exec, command: inside(absolute.exec.command) } };
}
