// What is wrong with the folders that pools name in `prepare.files`: looked at before anything runs. Pure.
import { type FolderEntry, hasPackages, offlineFolderFault } from "../model/offline-files.ts";
import { isMap, type Loose, looseEntries } from "./loose.ts";
import { type Problem, show } from "./problem.ts";
import type { FolderListing, Surroundings } from "./surroundings.ts";

/** Checks the folders of all pools, given as raw config. */
export function checkOfflineFolders(pools: unknown, surroundings: Surroundings): Problem[] {
  return looseEntries(pools).flatMap(({ at, entry: { prepare } }) => {
    // A value of another kind is reported by itself.
    if (!isMap(prepare) || typeof prepare.files !== "string") return [];
    const text = faultOf(prepare.files, prepare, surroundings.listFolder(prepare.files));
    return text === undefined ? [] : [{ path: ["pools", at, "prepare", "files"], text }];
  });
}

function faultOf(folder: string, prepare: Loose, { entries, fault }: FolderListing): string | undefined {
  if (fault !== undefined) {
    return `${show(folder)} cannot be read: ${fault}. Paths are relative to the project's folder: correct the path, or create the folder.`;
  }
  const found = offlineFolderFault(entries) ?? twoSources(entries, prepare);
  return found && `${show(folder)} ${found}`;
}

function twoSources(entries: readonly FolderEntry[], { repository, signingKey }: Loose): string | undefined {
  if (!hasPackages(entries) || (repository ?? signingKey) === undefined) return undefined;
  return "has packages, which take the place of repository and signingKey: declare one or the other.";
}
