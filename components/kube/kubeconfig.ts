// Reads a kubeconfig, given as a path or as its text.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { parse as parseYaml } from "yaml";

/** Reports a kubeconfig, or a credential that it names, which cannot be used. */
export class AccessError extends Error {
  override readonly name = "AccessError";
}

/** Reads it and selects a context, its current one when none is given; throws AccessError. */
export function loadKubeconfig(kubeconfig: string, context: string | undefined): KubeConfig {
  const source = sourceOf(kubeconfig);
  const path = isText(kubeconfig) ? undefined : pathOf(kubeconfig);
  const text = path === undefined ? kubeconfig : readText(path, source);
  const folder = path === undefined ? "." : dirname(path);
  const config = parse(text, source, folder);
  if (path !== undefined) config.makePathsAbsolute(folder);
  select(config, context ?? config.getCurrentContext(), source);
  return config;
}

/** Names the kubeconfig in errors. */
export function sourceOf(kubeconfig: string): string {
  return isText(kubeconfig) ? "the kubeconfig given as text" : `kubeconfig "${pathOf(kubeconfig)}"`;
}

/** Names the contexts of a kubeconfig in errors. */
export function contextNames(config: KubeConfig): string {
  return (config.getContexts() ?? []).map((context) => context.name).join(", ") || "none";
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

function parse(text: string, source: string, folder: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(text);
    readTokenFiles(config, text, folder);
  } catch (cause) {
    // The parser's own message quotes the text around the fault, which may be a key; so it is not passed on.
    const place = (cause as { mark?: { line?: number } }).mark?.line;
    const where = place === undefined ? "an entry is incomplete" : `line ${place + 1} is not valid YAML`;
    throw new AccessError(`reading ${source}: ${where}.`);
  }
  return config;
}

/** Has `tokenFile` read at every request: its token is rotated. client-node knows the field by another name only. */
function readTokenFiles(config: KubeConfig, text: string, folder: string): void {
  const { users } = parseYaml(text) as { users?: { name?: string; user?: { tokenFile?: string } | null }[] };
  const files = new Map(users?.map(({ name, user }) => [name, user?.tokenFile]));
  config.addAuthenticator({
    isAuthProvider: ({ name }) => files.get(name) !== undefined,
    applyAuthentication: async ({ name }, options) => {
      const token = readText(resolve(folder, files.get(name) ?? ""), "tokenFile").trim();
      options.headers = { ...options.headers, Authorization: `Bearer ${token}` };
    },
  });
}

function select(config: KubeConfig, context: string | undefined, source: string): void {
  const available = `Contexts available: ${contextNames(config)}.`;
  if (!context) throw new AccessError(`reading ${source}: it has no current context. ${available}`);
  if (!config.getContextObject(context))
    throw new AccessError(`reading ${source}: no context "${context}". ${available}`);
  config.setCurrentContext(context);
  if (!config.getCurrentCluster() || !config.getCurrentUser())
    throw new AccessError(
      `reading ${source}: context "${context}" names a cluster or user that it lacks. ${available}`,
    );
}
