// Says where a lab keeps its things and what its machine-wide objects are called.
// A lab is a folder; every global name derives from the folder's path, so two labs never meet.
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { cacheFolder } from "./cache-folder.ts";

/** The places and names of one lab. */
export interface Lab {
  /** The lab's folder; everything the lab writes, the shared cache apart, is in it. */
  readonly directory: string;
  /** Eight hexadecimal digits that stand for the folder. */
  readonly id: string;
  /** Name of the network namespace and of the cgroup: `nodepools-<id>`. */
  readonly name: string;
  /** The network namespace as a file, for nsenter. */
  readonly networkNamespace: string;
  /** Marks the folder as a lab; nothing is ever deleted in a folder without it. */
  readonly record: string;
  /** Held by whoever changes the lab. In the cache, because `down` deletes the folder while it holds it. */
  readonly lock: string;
  readonly adminKubeconfig: string;
  readonly sshKey: string;
  readonly knownHosts: string;
  readonly pulumiState: string;
  readonly pulumiHome: string;
  readonly logs: string;
  readonly controlPlane: string;
  readonly hosts: string;
}

/** Describes the lab in `directory`, which need not exist yet. */
export function openLab(directory: string): Lab {
  const absolute = realPath(resolve(directory));
  const id = createHash("sha256").update(absolute).digest("hex").slice(0, 8);
  const inside = (name: string): string => join(absolute, name);
  return {
    directory: absolute,
    id,
    name: `nodepools-${id}`,
    networkNamespace: `/run/netns/nodepools-${id}`,
    record: inside("lab.json"),
    lock: join(cacheFolder("locks"), id),
    adminKubeconfig: inside("admin.conf"),
    sshKey: inside("id_ed25519"),
    knownHosts: inside("known_hosts"),
    pulumiState: inside("pulumi"),
    pulumiHome: inside("pulumi-home"),
    logs: inside("log"),
    controlPlane: inside("control-plane"),
    hosts: inside("hosts"),
  };
}

/** Resolves symbolic links in the part of the path that exists, so that one folder has one name. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  return join(realPath(dirname(path)), basename(path));
}
