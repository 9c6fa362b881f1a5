// Puts together the program that prepares a host, and reads what it says. Pure.
import { packageRepository, prepareDefaults } from "../model/defaults.ts";
import type { CgroupDriver, OfflineFile, PrepareOptions, SelinuxMode } from "../model/prepare.ts";
import { quoteForShell } from "../ssh/quote.ts";

/** Holds the options of a preparation with every default filled in; an empty text is one that the host finds out. */
export interface PreparePlan {
  /** The stack, as `organization/project/stack`: another stack's host is refused. */
  readonly owner: string;
  readonly kubernetes: string;
  readonly repository: string;
  /** Armored text, or its address; empty means the repository's own key, whose place differs between apt and dnf. */
  readonly signingKey: string;
  /** What was copied to the host before. */
  readonly files: readonly OfflineFile[];
  readonly packageFolder: string;
  readonly sandboxImage: string;
  readonly cgroupDriver: CgroupDriver;
  readonly registryMirrors: Readonly<Record<string, readonly string[]>>;
  readonly imageArchives: readonly string[];
  readonly selinux: SelinuxMode;
}

/** Fills in the defaults of a preparation; the files are those of the folder that the options name. */
export function planPreparation(
  owner: string,
  options: PrepareOptions,
  files: readonly OfflineFile[] = [],
): PreparePlan {
  const minor = options.kubernetes.split(".").slice(0, 2).join(".");
  return {
    ...prepareDefaults,
    repository: packageRepository(minor),
    signingKey: "",
    packageFolder: "",
    sandboxImage: "",
    registryMirrors: {},
    imageArchives: [],
    ...options,
    files,
    owner,
  };
}

/** Seconds to wait for another package manager; a first boot's updates take minutes. */
const lockSeconds = 900;

/** Last line of the program, by which prepare.sh knows that all of it arrived. */
export const endOfPreparation = "# end of preparation";

/**
 * Renders what prepare.sh reads on stdin: the plan as variables, then the given program (`loadPrepareScripts`).
 * Equal plans give equal text.
 */
export function renderPrepareInput(plan: PreparePlan, program: string): string {
  const mirrors = Object.entries(plan.registryMirrors).sort(([one], [other]) => (one < other ? -1 : 1));
  const variables = {
    owner: plan.owner,
    kubernetes: plan.kubernetes,
    repository: plan.repository,
    signing_key: plan.signingKey.trim(),
    files: plan.files.map(({ path, sha256 }) => `${sha256}  ${path}`).join("\n"),
    package_folder: plan.packageFolder,
    sandbox_image: plan.sandboxImage,
    systemd_cgroup: String(plan.cgroupDriver === "systemd"),
    registry_mirrors: mirrors.map(([registry, addresses]) => [registry, ...addresses].join(" ")).join("\n"),
    image_archives: plan.imageArchives.join("\n"),
    selinux: plan.selinux,
    lock_seconds: String(lockSeconds),
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${quoteForShell(value)}`);
  return [...assignments, program.trimEnd(), endOfPreparation, ""].join("\n");
}

/** Holds what a preparation said, by the first word of its lines. */
export interface PrepareReport {
  /** What was not so and is so now; empty on a host that needed nothing. */
  readonly changed: readonly string[];
  /** What an administrator should look at. */
  readonly warnings: readonly string[];
}

/** Reads the output of prepare.sh. */
export function parsePrepareReport(output: string): PrepareReport {
  const linesOf = (word: string): string[] =>
    output
      .split("\n")
      .filter((line) => line.startsWith(`${word}: `))
      .map((line) => line.slice(word.length + 2));
  return { changed: linesOf("changed"), warnings: linesOf("warning") };
}
