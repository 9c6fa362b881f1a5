// Says where things are kept that all labs of the user share.
import { homedir } from "node:os";
import { join } from "node:path";

/** A folder in the user's cache: `$XDG_CACHE_HOME/nodepools/<name>`, by default below ~/.cache. */
export function cacheFolder(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "nodepools", name);
}
