// Two versions of a project out of its Git repository: plumbing that reads objects and runs no hook, filter or converter.
import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { oneLine } from "../model/foreign-text.ts";
import { ReviewError } from "./review-error.ts";

/** A commit, and how it was named. */
export interface Commit {
  readonly ref: string;
  readonly sha: string;
}

/** One entry of a folder: the same content has the same id. */
export interface FolderFile {
  readonly name: string;
  readonly id: string;
  /** False for links and submodules. */
  readonly isPlain: boolean;
}

/** Reads the project in a folder of a repository. */
export interface Repository {
  /** Finds a commit; throws when there is none of that name. */
  readonly commit: (ref: string) => Commit;
  /** Finds the commit that two have in common; undefined when the repository does not hold it, as in a shallow clone. */
  readonly commonCommit: (one: Commit, other: Commit) => string | undefined;
  /** Lists a folder, by its path relative to the project's; empty when there is none. */
  readonly list: (sha: string, folder: string) => readonly FolderFile[];
  /** Reads what an id stands for; undefined when that is no text of a bearable length. */
  readonly read: (id: string) => string | undefined;
  /** Finds a file by its path relative to the project's folder. */
  readonly entry: (sha: string, path: string) => FolderFile | undefined;
  /** Lists the files of the project's folder that have one of these words in them, by their paths. */
  readonly filesWith: (sha: string, words: readonly string[]) => readonly string[];
  /** Reads a file by its path relative to the project's folder; undefined when there is none. */
  readonly readPath: (sha: string, path: string) => string | undefined;
}

const timeout = 60_000;
const longestList = 32 * 1024 * 1024;
// A stranger may have written it, and parsing YAML takes a second for each MiB.
const largestFile = 4 * 1024 * 1024;

/** Says why a file was not read. */
export const largeFault = "has more than 4 MiB, or Git cannot read it";

/** Opens the repository that holds a folder; throws when none does. */
export function openRepository(folder: string): Repository {
  const git = (...args: readonly string[]) =>
    execFileSync("git", args, {
      cwd: folder,
      encoding: "utf8",
      timeout,
      maxBuffer: args[0] === "cat-file" ? largestFile : longestList,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const attempt = (...args: readonly string[]) => {
    try {
      return git(...args);
    } catch {
      return undefined;
    }
  };
  try {
    git("rev-parse", "--git-dir");
  } catch (error) {
    throw new ReviewError(
      `Git cannot read the repository of "${folder}": ${firstLine(error)}. Give the project's folder as --cwd.`,
    );
  }
  return {
    commit: (ref) => {
      const sha = attempt("rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`)?.trim();
      if (sha) return { ref, sha };
      throw new ReviewError(
        `"${ref}" is no commit of this repository. Fetch it first (git fetch origin ${JSON.stringify(ref)}), or give another ref.`,
      );
    },
    commonCommit: (one, other) => attempt("merge-base", one.sha, other.sha)?.trim() || undefined,
    list: (sha, path) => parseTree(attempt("ls-tree", "-z", sha, `./${path}`) ?? ""),
    entry: (sha, path) => parseTree(attempt("ls-tree", "-z", sha, `./${path}`) ?? "")[0],
    filesWith: (sha, words) => {
      const patterns = words.flatMap((word) => ["-e", word]);
      const found = attempt("grep", "-l", "-z", "-F", "--no-textconv", ...patterns, sha, "--", ".") ?? "";
      return found.split("\0").flatMap((line) => line.slice(sha.length + 1) || []);
    },
    read: (id) => attempt("cat-file", "blob", id),
    readPath: (sha, path) => attempt("cat-file", "blob", `${sha}:./${path}`),
  };
}

function firstLine(error: unknown): string {
  const { stderr = "", message } = error as Error & { readonly stderr?: string };
  return oneLine((stderr.trim() || message).split("\n", 1)[0] ?? "");
}

function parseTree(text: string): FolderFile[] {
  return text.split("\0").flatMap((line) => {
    const [, mode = "", type, id = "", name = ""] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
    return type === "blob" || type === "commit"
      ? [{ name: basename(name), id, isPlain: mode.startsWith("100") }]
      : [];
  });
}
