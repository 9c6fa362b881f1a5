// A small valid stack config for tests, ways to spoil it, and the environment that it names.

import type { Environment, FolderListing } from "../../../components/settings/environment.ts";
import { parseSettings, type RawSettings } from "../../../components/settings/parse-settings.ts";
import { formatPath } from "../../../components/settings/problem.ts";

/** A public host key as `type base64`. */
export const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMyKsoIt+DB45lSQgK+yF8PhHYBO66gpErB+StRZQUA3";

/** Returns a host entry with a key. */
export function host(name: string, address: string, more: object = {}): Record<string, unknown> {
  return { name, address, hostKey, ...more };
}

/** Returns a pool entry. */
export function pool(more: object = {}): Record<string, unknown> {
  return { name: "workers", hosts: [host("w1", "10.0.0.1"), host("w2", "10.0.0.2")], ...more };
}

/** Returns a valid config with some of its keys replaced. */
export function config(more: Partial<RawSettings> = {}): RawSettings {
  return {
    cluster: { kubeconfig: "admin.conf" },
    ssh: { agentSocket: "/run/agent" },
    pools: [pool()],
    ...more,
  };
}

/** Environment with these files, the folders that they are in, and nothing else. */
export function environment(
  files: Record<string, string> = { "admin.conf": "" },
  agentSocket?: string,
): Environment {
  const known = new Map(Object.entries(files));
  const readFile = (path: string) => {
    const text = known.get(path);
    return text === undefined ? { fault: "no such file" } : { text };
  };
  const listFolder = (folder: string): FolderListing => {
    const inside = [...known.keys()].filter((path) => path.startsWith(`${folder}/`));
    if (inside.length === 0) return { fault: "no such folder" };
    return { entries: inside.map((path) => ({ path: path.slice(folder.length + 1), kind: "file" })) };
  };
  return { readFile, listFolder, agentSocket };
}

/** Returns all problems of a config as `path: text`. */
export function problemsOf(raw: RawSettings, around = environment()): string[] {
  const { problems } = parseSettings(raw, around);
  return (problems ?? []).map(({ path, text }) => `${formatPath(path)}: ${text}`);
}
