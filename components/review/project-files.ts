// The files of a project at one commit that its stacks' config names.
import { loadInventory } from "../settings/inventory.ts";
import { linkFault } from "../settings/inventory-reader.ts";
import type { ProjectFiles } from "./declared.ts";
import { type Commit, largeFault, type Repository } from "./repository.ts";
import type { StackFile } from "./stack-file.ts";

/** Returns the files of a project as a commit has them. */
export function filesAt(repository: Repository, { sha }: Commit): ProjectFiles {
  return {
    find: (path) => (isInside(path) ? repository.readPath(sha, path) : undefined),
    inventory: (path) => {
      const file = isInside(path) ? repository.entry(sha, path) : undefined;
      if (file === undefined) return { fault: "is not in the repository: commit it" };
      if (!file.isPlain) return { fault: linkFault };
      const text = repository.read(file.id);
      return text === undefined ? { fault: largeFault } : { text };
    },
  };
}

/** Paths that a config gives are relative to the project's folder, or to a machine's. */
function isInside(path: string): boolean {
  return !path.startsWith("/") && !path.startsWith("~");
}

/** Lists the inventory files that a stack names. */
export function inventoriesOf({ raw }: StackFile, { inventory }: ProjectFiles): readonly string[] {
  if (raw === undefined) return [];
  // What is in files of hosts names no others.
  const read = (path: string) => (path === raw.poolsFile ? inventory(path) : {});
  return loadInventory(raw, read).files;
}
