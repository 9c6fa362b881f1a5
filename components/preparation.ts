// What makes a bare machine ready for its join: the files that it is to have, read from the folder on this machine, then
// the program that prepares it.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { planPreparation, renderPrepareInput } from "./kubeadm/prepare.ts";
import { loadPrepareScripts } from "./kubeadm/prepare-scripts.ts";
import { nodeResourceNames } from "./model/names.ts";
import type { OfflineFile, PrepareOptions } from "./model/prepare.ts";
import { connectionTo, type HostLogin, programText, remoteRoot } from "./remote-root.ts";
import { absolutePath, processEnvironment } from "./settings/environment.ts";

/** Declares how the hosts of a pool are made ready. */
export interface Preparation {
  readonly options: PrepareOptions;
  /** The folder that `options.files` names. */
  readonly folder?: OfflineFolder;
}

/** Describes a host that is to be made ready. */
export interface PreparedHost extends HostLogin {
  readonly preparation: Preparation;
  /** Any text; another one says that the machine was installed anew. */
  readonly rejoinTrigger: string;
}

/** Where the files are on a host, below the login's home, which no other user can write to. */
const folderOnHost = ".nodepools-files";

/**
 * Makes a host ready for its join. The program on stdin is repeatable, and nothing depends on its outputs: another
 * option or file runs it again by a replacement, which the enrollment takes no notice of, and a newer program text
 * does not.
 */
export function prepareHost(node: string, host: PreparedHost, parent: pulumi.Resource): remote.Command {
  const { options, folder } = host.preparation;
  const copied = folder ? [copyFiles(node, host, folder, parent)] : [];
  const { runner, program } = loadPrepareScripts();
  const files = folder?.files ?? pulumi.output([]);
  const { files: _, ...others } = options;
  return new remote.Command(
    nodeResourceNames(node).prepare,
    {
      ...remoteRoot(host, {
        purpose: "nodepools: prepare. Safe to repeat: run pulumi up again.",
        script: runner,
        input: files.apply((files) =>
          renderPrepareInput(planPreparation(host.cluster.owner, options, files), program),
        ),
      }),
      // Reads everything: Go's SSH client fails when the session ends before its stdin is written.
      update: "cat > /dev/null",
      triggers: [others, host.rejoinTrigger, ...(folder ? [files] : [])],
      logging: "stdout",
    },
    { parent, dependsOn: copied, ignoreChanges: [...programText, ...host.cluster.withoutCredentials] },
  );
}

/** Copies the files; again when one of them changes. What was copied stays when the host leaves. */
function copyFiles(
  node: string,
  host: PreparedHost,
  folder: OfflineFolder,
  parent: pulumi.Resource,
): remote.CopyToRemote {
  return new remote.CopyToRemote(
    nodeResourceNames(node).files,
    {
      connection: connectionTo(host),
      // With a slash at its end it is the contents that are copied, whatever the folder is called.
      source: new pulumi.asset.FileArchive(`${folder.path}/`),
      remotePath: folderOnHost,
      triggers: [host.rejoinTrigger],
    },
    { parent, ignoreChanges: host.cluster.withoutCredentials },
  );
}

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
  const { entries = [] } = processEnvironment.listFolder(declared);
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
