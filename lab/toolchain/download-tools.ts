// Fills the cache with official files whose SHA-256 sum is right. A host that fails once is left alone for the
// rest of the run: ten tools must not wait ten times for a host that cannot be reached.
import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { downloadFile, downloadText } from "./download-file.ts";
import { followCommand } from "./follow-command.ts";
import { makeStagingFolder, putIntoCache } from "./tool-cache.ts";
import type { Toolchain } from "./toolchain.ts";
import {
  type Architecture,
  type Download,
  type DownloadHost,
  type HostedFile,
  type ToolName,
  tools,
} from "./tools.ts";

type Note = (text: string) => void;

/** Downloads what its hosts give; what they do not give stays out of the cache. Each failure is said once. */
export async function downloadTools(
  toolchain: Toolchain,
  names: readonly ToolName[],
  note: Note,
): Promise<void> {
  const { architecture } = toolchain;
  if (architecture === undefined) return;
  const hosts = new HostTrials(toolchain);
  for (const [download, group] of groupByDownload(names)) {
    if (hosts.hasFailed(download.host)) continue;
    const url = urlOf(toolchain, architecture, download);
    note(`asking for ${url}`);
    const sumHost = "host" in download.sum ? download.sum.host : download.host;
    const sum = await hosts.attempt(sumHost, () => findSum(toolchain, architecture, download));
    if (sum === undefined) continue;
    await hosts.attempt(download.host, () => downloadGroup({ toolchain, download, url, sum, note }, group));
  }
}

/** Remembers which hosts have failed in this run. */
class HostTrials {
  readonly #toolchain: Toolchain;
  readonly #failed = new Set<DownloadHost>();

  constructor(toolchain: Toolchain) {
    this.#toolchain = toolchain;
  }

  hasFailed(host: DownloadHost): boolean {
    return this.#failed.has(host);
  }

  /** Does the work, or returns undefined, because another source is tried whatever goes wrong with this one. */
  async attempt<T>(host: DownloadHost, work: () => Promise<T>): Promise<T | undefined> {
    if (this.hasFailed(host)) return undefined;
    try {
      return await work();
    } catch (error) {
      this.#failed.add(host);
      this.#toolchain.say(`· ${(error as Error).message}; going on without this host`);
      return undefined;
    }
  }
}

/** Tools that come in the same file, by that file. */
function groupByDownload(names: readonly ToolName[]): Map<Download, ToolName[]> {
  const groups = new Map<Download, ToolName[]>();
  for (const name of names) {
    const { download } = tools[name];
    if (download === undefined) continue;
    groups.set(download, [...(groups.get(download) ?? []), name]);
  }
  return groups;
}

interface GroupDownload {
  readonly toolchain: Toolchain;
  readonly download: Download;
  readonly url: string;
  /** What the SHA-256 sum of the file has to be. */
  readonly sum: string;
  readonly note: Note;
}

async function downloadGroup(
  { toolchain, download, url, sum, note }: GroupDownload,
  names: readonly ToolName[],
): Promise<void> {
  const folder = await makeStagingFolder(toolchain);
  try {
    const file = join(folder, `download-${basename(url)}`);
    const actualSum = await downloadFile(url, file, toolchain, note);
    if (actualSum !== sum) {
      throw new Error(`checking "${url}": its SHA-256 sum is ${actualSum}, it should be ${sum}`);
    }
    if (download.isArchive) await unpack(file, folder);
    for (const name of names) {
      const staged = download.isArchive ? await findInside(folder, name) : file;
      await putIntoCache(toolchain, name, staged);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function urlOf(toolchain: Toolchain, architecture: Architecture, file: HostedFile): string {
  return toolchain.hosts[file.host] + file.path(architecture);
}

async function findSum(
  toolchain: Toolchain,
  architecture: Architecture,
  download: Download,
): Promise<string> {
  if (!("host" in download.sum)) return download.sum[architecture];
  const url = urlOf(toolchain, architecture, download.sum);
  const text = await downloadText(url, toolchain);
  const sum = parseSum(text, basename(download.path(architecture)));
  if (sum === undefined) throw new Error(`reading "${url}": it has no SHA-256 sum of the file`);
  return sum;
}

/** Finds a file's sum in a list as sha256sum writes it, or in a file that holds nothing but one sum. */
export function parseSum(text: string, fileName: string): string | undefined {
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+\*?/));
  const line = lines.find(([, name]) => name === fileName) ?? (lines.length === 1 ? lines[0] : undefined);
  const [sum, name] = line ?? [];
  const isOfThisFile = name === undefined || name === fileName;
  return sum !== undefined && isOfThisFile && /^[0-9a-f]{64}$/.test(sum) ? sum : undefined;
}

function unpack(archive: string, folder: string): Promise<void> {
  return followCommand({
    doing: "unpacking a downloaded archive",
    argv: ["tar", "-xzf", archive, "-C", folder],
    onLine: () => undefined,
    timeoutSeconds: 300,
    remedy: "Check the free space of the cache folder.",
  });
}

async function findInside(folder: string, name: ToolName): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.name === name && entry.isFile());
  if (found === undefined) throw new Error(`looking for "${name}" in a downloaded archive: it is not there`);
  return join(found.parentPath, found.name);
}
