// The files that declare what was found. Pure.
import { type Document, isMap, parseDocument, stringify } from "yaml";
import { showControls } from "../model/foreign-text.ts";
import type { ImportRequest } from "./command-line.ts";
import { ImportError } from "./import-error.ts";
import type { ImportedPool } from "./pools.ts";

/** The values of the three keys of a stack's config. */
export interface ImportedConfig {
  readonly cluster: object;
  readonly ssh: object;
  readonly pools: readonly ImportedPool[];
}

/** How hosts are logged in to unless they say otherwise. */
export interface Login {
  readonly user: string;
  readonly port: number;
  readonly privateKeyFile?: string | undefined;
}

/** Returns what the config declares. */
export function declare(
  { kubeconfig, context, knownHosts }: ImportRequest,
  { user, port, privateKeyFile }: Login,
  pools: readonly ImportedPool[],
): ImportedConfig {
  return {
    cluster: { kubeconfig, ...(context !== undefined && { context }) },
    ssh: {
      user,
      ...(port !== 22 && { port }),
      ...(privateKeyFile === undefined ? { agent: true } : { privateKeyFile }),
      ...(knownHosts !== undefined && { knownHostsFile: knownHosts }),
    },
    pools,
  };
}

const format = { lineWidth: 0 } as const;
const mark = "Written by `nodepools import`.";

/** Writes a file of hosts, one a line. */
export function hostsText({ name, hosts }: ImportedPool): string {
  const lines = hosts.map((host) => `- ${flow(host)}\n`).join("");
  return `# Hosts of pool ${name}.\n${lines || "[]\n"}`;
}

function flow(value: unknown): string {
  return stringify(value, { ...format, collectionStyle: "flow", flowCollectionPadding: true }).trim();
}

/** Names the file of a pool's hosts. */
export function hostsFileOf(folder: string, { name }: ImportedPool): string {
  return `${folder.replace(/\/+$/, "")}/${name}.yaml`;
}

/**
 * Writes the config; of a former file everything stays that is not of nodepools, such as the salt of its secrets.
 * The notes become comments.
 */
export function stackText(
  { cluster, ssh, pools }: ImportedConfig,
  { hostsFolder }: Pick<ImportRequest, "hostsFolder">,
  notes: readonly string[],
  former = "",
): string {
  const document = parseDocument(former) as Document;
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents)))
    throw new ImportError("the file that --out names is not YAML as a stack's config is. Name another one.");
  if (document.get("config") === null) document.delete("config");
  const declared = pools.map((pool) => {
    const { hosts: _, ...rest } = pool;
    return hostsFolder === undefined ? pool : { ...rest, hostsFile: hostsFileOf(hostsFolder, pool) };
  });
  for (const [key, value] of Object.entries({ cluster, ssh, pools: declared }))
    document.setIn(["config", `nodepools:${key}`], document.createNode(value));
  document.deleteIn(["config", "nodepools:poolsFile"]);
  if (hostsFolder === undefined) flowHosts(document, pools);
  const head = [mark, ...notes].map((line) => ` ${showControls(line)}`);
  const kept = document.commentBefore?.includes(mark) ? undefined : document.commentBefore;
  document.commentBefore = [...head, ...(kept ? [kept] : [])].join("\n");
  return document.toString(format);
}

/** One host is one line, which a review of a change shows whole. */
function flowHosts(document: Document, pools: readonly ImportedPool[]): void {
  for (const [at, { hosts }] of pools.entries())
    for (const index of hosts.keys()) {
      const node = document.getIn(["config", "nodepools:pools", at, "hosts", index]);
      if (isMap(node)) node.flow = true;
    }
}
