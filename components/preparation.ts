// What makes a bare machine ready for its join: the files that it is to have, then the program that prepares it.
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { planPreparation, renderPrepareInput } from "./kubeadm/prepare.ts";
import { loadPrepareScripts } from "./kubeadm/prepare-scripts.ts";
import { nodeResourceNames } from "./model/names.ts";
import type { PrepareOptions } from "./model/prepare.ts";
import type { OfflineFolder } from "./offline-folder.ts";
import { connectionTo, type HostAccess, remoteRoot } from "./remote-root.ts";

/** Declares how the hosts of a pool are made ready. */
export interface Preparation {
  readonly options: PrepareOptions;
  /** The folder that `options.files` names. */
  readonly folder?: OfflineFolder;
}

/** Describes a host that is to be made ready. */
export interface PreparedHost extends HostAccess {
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
  const { command, program } = loadPrepareScripts();
  const files = folder?.files ?? pulumi.output([]);
  const { files: _, ...others } = options;
  return new remote.Command(
    nodeResourceNames(node).prepare,
    {
      ...remoteRoot(host, command),
      // Reads everything: Go's SSH client fails when the session ends before its stdin is written.
      update: "cat > /dev/null",
      stdin: files.apply((files) =>
        renderPrepareInput(planPreparation(host.cluster.owner, options, files), program),
      ),
      triggers: [others, host.rejoinTrigger, ...(folder ? [files] : [])],
      logging: "stdout",
    },
    { parent, dependsOn: copied, ignoreChanges: host.cluster.withoutCredentials },
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
