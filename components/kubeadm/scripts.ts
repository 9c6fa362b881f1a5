// Loads the host scripts, which ship as .sh files beside this file.
import { readFileSync } from "node:fs";

/** Holds the text of each host script; all are POSIX sh without parameters and run as root. */
export interface HostScripts {
  /** Changes nothing; prints what `parseFindings` reads. */
  readonly inspect: string;
  /** Writes the marker; stdin from `claimInput`. Exit status 75: a join or reset is at work; 77: another stack has the host. */
  readonly claim: string;
  /** Leaves `join` and what it reads on the host; stdin from `leaveJoinInput`. */
  readonly leaveJoin: string;
  /** Joins the cluster with what was left on the host; not needed on a joined one, where nothing is done. */
  readonly join: string;
  /**
   * Takes the host out of its cluster, cleans it and removes the marker; stdin from `resetInput`. Does nothing on a
   * clean host without a marker. Exit status 75: a join is at work; 77: not this stack's host, or a control-plane node.
   */
  readonly reset: string;
  /** Reboots the host unless its boot id is another one already; stdin from `rebootInput`. Exit status 77: not this stack's host. */
  readonly reboot: string;
  /** Runs a command of the stack; stdin from `hookInput`. Exit status: the command's; 75: another is at work; 77: not this stack's host. */
  readonly hook: string;
}

/** Reads all host scripts; throws when the package is incomplete. */
export function loadHostScripts(): HostScripts {
  return {
    inspect: load("lock", "marker", "paths", "unit", "kubelet", "runtime", "traces", "inspect"),
    claim: load("lock", "marker", "claim"),
    leaveJoin: load("lock", "left-join", "leave-join"),
    join: load("lock", "paths", "left-join", "join"),
    reset: load(
      "lock",
      "marker",
      "paths",
      "unit",
      "kubelet",
      "traces",
      "clean-network",
      "left-join",
      "reset",
    ),
    reboot: load("marker", "reboot"),
    hook: load("marker", "hook"),
  };
}

function load(...names: readonly string[]): string {
  return names.map((name) => readFileSync(new URL(`scripts/${name}.sh`, import.meta.url), "utf8")).join("\n");
}
