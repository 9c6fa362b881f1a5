// Looks for a tool of exactly the right version on this machine: PATH, Pulumi's own folder, the cache.
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { cachedToolPath, isExecutableFile } from "./tool-cache.ts";
import { readVersion } from "./tool-version.ts";
import type { Toolchain } from "./toolchain.ts";
import { type ToolName, tools } from "./tools.ts";

/** Finds the tool, or returns undefined. */
export async function findTool(toolchain: Toolchain, name: ToolName): Promise<string | undefined> {
  return (
    (await findOnPath(toolchain, name)) ??
    (await findInPulumiHome(toolchain, name)) ??
    findInCache(toolchain, name)
  );
}

/** Finds the tool in the cache, where only verified files are. */
export function findInCache(toolchain: Toolchain, name: ToolName): string | undefined {
  const path = cachedToolPath(toolchain, name);
  return isExecutableFile(path) ? path : undefined;
}

async function findOnPath(toolchain: Toolchain, name: ToolName): Promise<string | undefined> {
  for (const folder of toolchain.searchPath) {
    const path = join(folder, name);
    if (isExecutableFile(path) && (await hasRightVersion(toolchain, name, path))) return path;
  }
  return undefined;
}

async function findInPulumiHome(toolchain: Toolchain, name: ToolName): Promise<string | undefined> {
  const { pulumiHomePath } = tools[name];
  if (pulumiHomePath === undefined) return undefined;
  const path = join(toolchain.pulumiHome, pulumiHomePath);
  if (!isExecutableFile(path)) return undefined;
  // A plugin's folder carries the version in its name; Pulumi marks one that is not complete yet,
  // https://github.com/pulumi/pulumi/blob/v3.276.0/sdk/go/common/workspace/plugins.go
  const isPlugin = pulumiHomePath.startsWith("plugins/");
  const fits = isPlugin
    ? !existsSync(`${dirname(path)}.partial`) && !isStandIn(toolchain, path)
    : await hasRightVersion(toolchain, name, path);
  return fits ? path : undefined;
}

async function hasRightVersion(toolchain: Toolchain, name: ToolName, path: string): Promise<boolean> {
  if (isStandIn(toolchain, path)) return false;
  const { releasedWith, version } = tools[name];
  if (releasedWith !== undefined) {
    const sibling = join(dirname(path), releasedWith);
    return isExecutableFile(sibling) && (await readVersion(releasedWith, sibling)) === version;
  }
  return (await readVersion(name, path)) === version;
}

/** The lab may have put a link to a stand-in where the official program would be. */
function isStandIn(toolchain: Toolchain, path: string): boolean {
  if (!existsSync(toolchain.standInFolder)) return false;
  return realpathSync(path).startsWith(realpathSync(toolchain.standInFolder) + sep);
}
