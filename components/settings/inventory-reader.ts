// Reads inventory files where Pulumi runs. A link is not followed: a review sees the link, not what it leads to.
import { lstatSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { explainFault } from "./environment.ts";
import type { InventoryReader } from "./inventory.ts";
import { largestInventory, tooLarge } from "./inventory-file.ts";

/** Says of a link that it is one; reviews of commits say the same. */
export const linkFault = "is a link, and is not followed: name the file itself";

/** Returns a reader of the files that are named relative to a project's folder. */
export function readInventoryFile(folder: string): InventoryReader {
  return (path) => {
    const file = resolve(folder, path);
    try {
      const found = lstatSync(file);
      if (found.isSymbolicLink()) return { fault: linkFault };
      // Opening a pipe would wait for its writer.
      if (!found.isFile()) return { fault: found.isDirectory() ? "is a folder" : "is not a regular file" };
      return found.size > largestInventory ? { fault: tooLarge } : { text: readFileSync(file, "utf8") };
    } catch (error) {
      const why = explainFault(error, "file");
      return { fault: `cannot be read: ${why}. Paths are relative to the project's folder` };
    }
  };
}
