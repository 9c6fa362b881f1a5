// What the config refers to outside itself: files and the SSH agent. The only I/O of the settings.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

/** Holds a file's text, or why it cannot be had. */
export type FileText =
  | { readonly text: string; readonly fault?: undefined }
  | { readonly fault: string; readonly text?: undefined };

/** Answers what the config refers to. */
export interface Surroundings {
  /** Reads a file whose path is as given in the config. */
  readonly readFile: (path: string) => FileText;
  /** Path of the running SSH agent's socket, if there is one. */
  readonly agentSocket: string | undefined;
}

/** The surroundings of this process: paths are relative to the project's folder, `~/` is the user's home. */
export const processSurroundings: Surroundings = {
  readFile: (path) => {
    try {
      return { text: readFileSync(resolve(path.replace(/^~(?=\/)/, homedir())), "utf8") };
    } catch (error) {
      return { fault: explain(error) };
    }
  },
  agentSocket: process.env.SSH_AUTH_SOCK || undefined,
};

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES") return "permission denied";
  return code === "EISDIR" ? "it is a folder" : `${code ?? "not a path"}`;
}
