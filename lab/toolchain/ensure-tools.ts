// Makes sure that the lab's tools are on this machine: found, downloaded, built, or replaced by a stand-in.
import { join } from "node:path";
import { buildTools } from "./build-from-go.ts";
import { downloadTools } from "./download-tools.ts";
import { findInCache, findTool } from "./find-tools.ts";
import { withLock } from "./lock.ts";
import { isExecutableFile, removeAbandonedStaging } from "./tool-cache.ts";
import { type Toolchain, userToolchain } from "./toolchain.ts";
import { type ToolName, tools } from "./tools.ts";

export type { ToolName } from "./tools.ts";

type Note = (text: string) => void;
type Paths = Map<ToolName, string>;

/**
 * Returns the paths of the tools, in exactly the versions of the table. Looks on PATH, in Pulumi's own folder
 * and in the user's cache; then downloads the official files; then builds from Go modules.
 * The two Pulumi programs that no Go module builds are replaced by the lab's stand-ins at last, in one line.
 * @throws Error when a tool can be had in none of these ways.
 */
export function ensureTools<Name extends ToolName>(
  names: readonly Name[],
  note: Note,
): Promise<Record<Name, string>> {
  return ensureToolsWith(userToolchain(), names, note);
}

/** {@link ensureTools} in other surroundings. */
export async function ensureToolsWith<Name extends ToolName>(
  toolchain: Toolchain,
  names: readonly Name[],
  note: Note,
): Promise<Record<Name, string>> {
  const paths: Paths = new Map();
  for (const name of names) {
    note(`looking for ${name} ${tools[name].version}`);
    const path = await findTool(toolchain, name);
    if (path !== undefined) paths.set(name, path);
  }
  if (missing(names, paths).length > 0) {
    await withLock(join(toolchain.cacheFolder, "lock"), note, () => obtain(toolchain, names, paths, note));
  }
  return Object.fromEntries(paths) as Record<Name, string>;
}

/** Adds the paths of the missing tools. Under the lock: another run may have obtained them meanwhile. */
async function obtain(
  toolchain: Toolchain,
  names: readonly ToolName[],
  paths: Paths,
  note: Note,
): Promise<void> {
  removeAbandonedStaging(toolchain);
  for (const fillCache of [doNothing, downloadTools, buildTools]) {
    await fillCache(toolchain, missing(names, paths), note);
    for (const name of missing(names, paths)) {
      const path = findInCache(toolchain, name);
      if (path !== undefined) paths.set(name, path);
    }
  }
  takeStandIns(toolchain, missing(names, paths), paths);
}

async function doNothing(): Promise<void> {}

function missing(names: readonly ToolName[], paths: Paths): readonly ToolName[] {
  return names.filter((name) => !paths.has(name));
}

function takeStandIns(toolchain: Toolchain, names: readonly ToolName[], paths: Paths): void {
  for (const name of names) {
    const path = join(toolchain.standInFolder, tools[name].standIn ?? "");
    if (!isExecutableFile(path)) {
      const { download, version } = tools[name];
      const host = download && `, or connect this machine to ${toolchain.hosts[download.host]}`;
      throw new Error(
        `looking for "${name}" ${version}: it is neither on PATH nor in the cache, and its official host gave no right file. Install it${host ?? ""}.`,
      );
    }
    paths.set(name, path);
  }
  if (names.length === 0) return;
  toolchain.say(
    `· using the lab's own stand-in for ${names.join(" and ")}: the official one cannot be had here`,
  );
}
