// The folder of packages and images that is copied to hosts before they are prepared: what may be in it. Pure.

/** Holds one entry of the folder, by its path below it. */
export interface FolderEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
}

/** Holds one file that is copied to a host, by its path below the folder. */
export interface OfflineFile {
  readonly path: string;
  /** In hexadecimal digits. */
  readonly sha256: string;
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
