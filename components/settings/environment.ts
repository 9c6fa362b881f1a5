// What the config refers to outside itself: files, folders and the SSH agent. The only I/O of the settings.
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative, resolve } from "node:path";
import { type Path, type Problem, show } from "./problem.ts";

/** Holds a file's text, or why it cannot be had; neither where another machine has the file, and nothing is known of it. */
export type FileText =
  | { readonly text: string; readonly fault?: undefined }
  | { readonly fault: string; readonly text?: undefined }
  | { readonly fault?: undefined; readonly text?: undefined };

/** Holds one entry of a folder, by its path below it. */
export interface FolderEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "other";
}

/** Holds everything below a folder, or why it cannot be had; neither where another machine has it. */
export type FolderListing =
  | { readonly entries: readonly FolderEntry[]; readonly fault?: undefined }
  | { readonly fault: string; readonly entries?: undefined }
  | { readonly fault?: undefined; readonly entries?: undefined };

/** Answers what the config refers to. */
export interface Environment {
  /** Reads a file whose path is as given in the config. */
  readonly readFile: (path: string) => FileText;
  /** Lists a folder whose path is as given in the config, with everything below it. */
  readonly listFolder: (path: string) => FolderListing;
  /** Path of the running SSH agent's socket, if there is one. */
  readonly agentSocket: string | undefined;
  /** Whether a private key's file may be missing, as in a preview: it needs a host only now and then. */
  readonly toleratesMissingKey?: boolean;
  /** Whether secrets are stand-ins of encrypted ones, whose form says nothing. */
  readonly hasStandIns?: boolean;
}

/** Makes a path of the config absolute: paths are relative to the project's folder, `~/` is the user's home. */
export function absolutePath(path: string): string {
  return resolve(path.replace(/^~(?=\/)/, homedir()));
}

/** The environment of this process. */
export const processEnvironment: Environment = {
  readFile: (path) => {
    try {
      return { text: readFileSync(absolutePath(path), "utf8") };
    } catch (error) {
      return { fault: explainFault(error, "file") };
    }
  },
  listFolder: (path) => {
    const folder = absolutePath(path);
    try {
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      return {
        entries: entries.map((entry) => ({
          path: relative(folder, join(entry.parentPath, entry.name)),
          kind: kindOf(entry),
        })),
      };
    } catch (error) {
      return { fault: explainFault(error, "folder") };
    }
  },
  agentSocket: process.env.SSH_AUTH_SOCK || undefined,
};

function kindOf(entry: Dirent): FolderEntry["kind"] {
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "folder" : "other";
}

/** Says why a file or folder cannot be read. */
export function explainFault(error: unknown, wanted: "file" | "folder"): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return `no such ${wanted}`;
  if (code === "ENOTDIR") return "not a directory";
  if (code === "EACCES") return "permission denied";
  return code === "EISDIR" ? "is a directory" : `${code ?? "not a path"}`;
}

/** Reports a file that the config names and that cannot be read. */
export function checkFile(path: Path, file: string, { fault }: FileText): Problem[] {
  if (fault === undefined) return [];
  const remedy = file.startsWith(".lab/")
    ? "The lab writes it when it starts: run `npm run lab -- up` first."
    : `Paths are relative to the project's folder${/\$/.test(file) ? ", and variables are not expanded (~/ is the home)" : ""}: correct the path, or create the file.`;
  return [{ path, text: `${show(file)} cannot be read: ${fault}. ${remedy}` }];
}
