// What may be in the folders that pools name in `prepare.files`, checked before anything runs. Pure.

import type { Environment, FolderEntry, FolderListing } from "./environment.ts";
import { type Problem, show } from "./problem.ts";
import { entriesOf, isMap, type Unvalidated } from "./raw-config.ts";

/** Checks the folders of all pools, given as raw config. */
export function checkOfflineFolders(pools: unknown, environment: Environment): Problem[] {
  return entriesOf(pools).flatMap(({ at, entry: { prepare } }) => {
    // A value of another kind is reported by itself.
    if (!isMap(prepare) || typeof prepare.files !== "string") return [];
    const text = faultOf(prepare.files, prepare, environment.listFolder(prepare.files));
    return text === undefined ? [] : [{ path: ["pools", at, "prepare", "files"], text }];
  });
}

function faultOf(
  folder: string,
  prepare: Unvalidated,
  { entries, fault }: FolderListing,
): string | undefined {
  if (fault !== undefined) {
    return `${show(folder)} cannot be read: ${fault}. Paths are relative to the project's folder: correct the path, or create the folder.`;
  }
  if (entries === undefined) return undefined;
  const found = offlineFolderFault(entries) ?? twoSources(entries, prepare);
  return found && `${show(folder)} ${found}`;
}

function twoSources(
  entries: readonly FolderEntry[],
  { repository, signingKey }: Unvalidated,
): string | undefined {
  if (!hasPackages(entries) || (repository ?? signingKey) === undefined) return undefined;
  return "has packages, which take the place of repository and signingKey: declare one or the other.";
}

const folders = ["packages", "images"];
const usable = /^(packages\/[\w.+~:%=-]+\.(deb|rpm)|images\/[\w.+~:%=-]+\.tar)$/;
const layout = "Its layout: packages/*.deb or *.rpm, images/*.tar, and nothing else.";
const shown = 3;

/** Tells what is wrong with the entries of a folder, in words that follow its name; undefined when nothing is. */
export function offlineFolderFault(entries: readonly FolderEntry[]): string | undefined {
  const unusable = entries.filter(({ path, kind }) =>
    kind === "folder" ? !folders.includes(path) : kind === "other" || !usable.test(path),
  );
  if (unusable.length > 0)
    return `has what no host can use: ${unusable.map(describe).sort().slice(0, shown).join(", ")}${more(unusable.length)}. ${layout}`;
  return entries.some(({ kind }) => kind === "file") ? undefined : `is empty. ${layout}`;
}

function describe({ path, kind }: FolderEntry): string {
  if (kind === "file") return JSON.stringify(path);
  // The engine does not see what is behind a link to a folder, and a socket or pipe has no content.
  return `${JSON.stringify(path)} (${kind === "folder" ? "a folder" : "not a regular file"})`;
}

function more(count: number): string {
  return count > shown ? ` and ${count - shown} more` : "";
}

/** Tells whether some of the entries are packages, so that none are fetched from a repository. */
export function hasPackages(entries: readonly { readonly path: string }[]): boolean {
  return entries.some(({ path }) => path.startsWith("packages/"));
}
