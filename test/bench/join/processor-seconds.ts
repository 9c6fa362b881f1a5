// Tells how much processor time a side and the lab's own processes spend: on a busy machine more telling than the clock.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../../../lab/lab.ts";
import { cgroupHierarchies } from "../../../lab/processes/cgroup-hierarchies.ts";

/** The kernel's ticks in a second, as it shows times in /proc: USER_HZ, which is 100 everywhere. */
const ticks = 100;

/** Returns what the lab's hosts and control plane have spent so far, and the commands that this process has run. */
export function processorSeconds(lab: Lab): number {
  return labSeconds(lab) + commandSeconds(readFileSync("/proc/self/stat", "utf8"));
}

/** Reads cutime and cstime: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function commandSeconds(stat: string): number {
  // The second field is a name in parentheses that may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / ticks;
}

function labSeconds(lab: Lab): number {
  const read = (path: string) => readFileSync(path, "utf8");
  const hierarchies = cgroupHierarchies(read("/proc/self/cgroup"), read("/proc/self/mountinfo"));
  const groups = hierarchies.map(({ parent }) => join(parent, lab.name));
  const v1 = groups.map((group) => join(group, "cpuacct.usage")).find(existsSync);
  if (v1 !== undefined) return Number(read(v1)) / 1e9;
  const v2 = groups.map((group) => join(group, "cpu.stat")).find(existsSync);
  const microseconds = /^usage_usec (\d+)$/m.exec(v2 === undefined ? "" : read(v2))?.[1];
  return Number(microseconds ?? Number.NaN) / 1e6;
}
