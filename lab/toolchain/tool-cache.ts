// The user's cache of tools: <tool>-<version>/<tool>. A file is there whole or not at all, because it is
// written in a staging folder and renamed into place only after it was verified.
import { accessSync, constants, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { chmod, mkdtemp, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { verifyVersion } from "./tool-version.ts";
import type { Toolchain } from "./toolchain.ts";
import { type ToolName, tools } from "./tools.ts";

const stagingPrefix = ".staging-";

/** Path of a tool in the cache, whether it is there or not. */
export function cachedToolPath(toolchain: Toolchain, name: ToolName): string {
  return join(toolchain.cacheFolder, `${name}-${tools[name].version}`, name);
}

/** Tells whether the path is a program that this user may run. */
export function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Every refusal, from "not there" to "no permission", means that it cannot be run.
    return false;
  }
}

/** Makes a folder on the cache's own filesystem, so that what is made there can be renamed into place. */
export async function makeStagingFolder(toolchain: Toolchain): Promise<string> {
  mkdirSync(toolchain.cacheFolder, { recursive: true });
  return mkdtemp(join(toolchain.cacheFolder, stagingPrefix));
}

/** Removes what runs that were killed have left. Only for the holder of the cache's lock. */
export function removeAbandonedStaging(toolchain: Toolchain): void {
  mkdirSync(toolchain.cacheFolder, { recursive: true });
  for (const entry of readdirSync(toolchain.cacheFolder)) {
    if (entry.startsWith(stagingPrefix)) rmSync(join(toolchain.cacheFolder, entry), { recursive: true });
  }
}

/** Puts a file into the cache under its tool's name, if it is the right version. */
export async function putIntoCache(toolchain: Toolchain, name: ToolName, staged: string): Promise<void> {
  const path = cachedToolPath(toolchain, name);
  await chmod(staged, 0o755);
  await verifyVersion(name, staged);
  await flushToDisk(staged);
  mkdirSync(dirname(path), { recursive: true });
  await rename(staged, path);
}

/** Without this a crash of the machine could leave the new name with no content. */
async function flushToDisk(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
