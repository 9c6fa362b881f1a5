// Where tools are looked for on this machine and fetched from: everything that a test puts in another place.
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { say } from "../progress.ts";
import { type Architecture, type DownloadHost, officialHosts } from "./tools.ts";

/** The surroundings of the search for tools. */
export interface Toolchain {
  /** Folders of PATH, in order. */
  readonly searchPath: readonly string[];
  /** Pulumi's own folder, where it keeps plugins. */
  readonly pulumiHome: string;
  /** Folder of finished tools; shared by all checkouts of the user. */
  readonly cacheFolder: string;
  /** Folder with one folder per Go module. */
  readonly goModulesFolder: string;
  /** Folder with the lab's own stand-ins. */
  readonly standInFolder: string;
  /** Undefined on an architecture without official files: then everything is built. */
  readonly architecture: Architecture | undefined;
  /** Base addresses, without a slash at the end. */
  readonly hosts: Readonly<Record<DownloadHost, string>>;
  /** A host that sends no answer in this time is given up for the whole run. */
  readonly answerTimeoutMs: number;
  /** A transfer that stands still for this time is given up. */
  readonly stallTimeoutMs: number;
  /** Prints one lasting line for the user. */
  readonly say: (line: string) => void;
}

const architectures: Readonly<Record<string, Architecture>> = { x64: "amd64", arm64: "arm64" };

/** The surroundings that the environment of this process describes. */
export function userToolchain(): Toolchain {
  return {
    searchPath: (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
    pulumiHome: process.env.PULUMI_HOME || join(homedir(), ".pulumi"),
    cacheFolder: cacheFolder("tools"),
    goModulesFolder: import.meta.dirname,
    standInFolder: join(import.meta.dirname, "..", "stand-ins"),
    architecture: architectures[process.arch],
    hosts: officialHosts,
    answerTimeoutMs: 4_000,
    stallTimeoutMs: 20_000,
    say,
  };
}
