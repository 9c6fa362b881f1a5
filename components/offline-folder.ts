// The folder of packages and images on this machine that hosts get before they are prepared.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import * as pulumi from "@pulumi/pulumi";
import type { OfflineFile } from "./model/offline-files.ts";
import { absolutePath, processSurroundings } from "./settings/surroundings.ts";

/** Holds a folder that was checked, and what is in it. */
export interface OfflineFolder {
  /** Absolute path. */
  readonly path: string;
  /** Its files by path; read once for all hosts of a pool. */
  readonly files: pulumi.Output<readonly OfflineFile[]>;
}

/** Opens a folder whose path is as declared. */
export function openOfflineFolder(declared: string): OfflineFolder {
  const path = absolutePath(declared);
  const { entries = [] } = processSurroundings.listFolder(declared);
  const names = entries.filter(({ kind }) => kind === "file").map((entry) => entry.path);
  return { path, files: pulumi.output(readFiles(path, names.sort())) };
}

async function readFiles(folder: string, names: readonly string[]): Promise<OfflineFile[]> {
  const files: OfflineFile[] = [];
  for (const name of names) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(join(folder, name)), hash).catch((cause: unknown) => {
      const text = `reading "${join(folder, name)}" for prepare.files: ${(cause as Error).message}`;
      throw new pulumi.RunError(`${text}. Every file in the folder has to be readable`, { cause });
    });
    files.push({ path: name, sha256: hash.digest("hex") });
  }
  return files;
}
