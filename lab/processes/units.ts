// Keeps track of the lab's long-lived processes by control group: a unit is a group, its processes are what is in it.
// Nothing else is ever signalled, and nothing that a unit starts can escape it.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Lab } from "../lab-folder.ts";
import { cgroupHierarchies } from "./cgroup-hierarchies.ts";
import { waitFor } from "./wait-for.ts";

function hierarchies(): ReturnType<typeof cgroupHierarchies> {
  const found = cgroupHierarchies(
    readFileSync("/proc/self/cgroup", "utf8"),
    readFileSync("/proc/self/mountinfo", "utf8"),
  );
  if (found.length === 0)
    throw new Error("looking for control groups: none is mounted. Mount /sys/fs/cgroup.");
  return found;
}

/** Makes the control groups of a unit, one in every hierarchy, and returns the folders for its first process. */
export function makeUnit(lab: Lab, unit: string): readonly string[] {
  return hierarchies().map(({ parent, delegatesControllers }) => {
    const labGroup = makeGroup(parent, lab.name, delegatesControllers);
    const unitGroup = makeGroup(labGroup, unit, delegatesControllers);
    // The unit's own group stays empty, or it could not hand controllers down to a host's kubelet.
    return delegatesControllers ? makeGroup(unitGroup, firstProcess, true) : unitGroup;
  });
}

/** Group of a unit's first process on a pure v2 machine; run-host.sh makes another one beside it. */
const firstProcess = "first-process";

function makeGroup(parent: string, name: string, delegatesControllers: boolean): string {
  if (delegatesControllers) handDownControllers(parent);
  const group = join(parent, name);
  mkdirSync(group, { recursive: true });
  // A new v1 cpuset has no processors and no memory, and refuses processes until it has both.
  for (const setting of ["cpuset.cpus", "cpuset.mems"]) {
    if (!delegatesControllers && existsSync(join(group, setting))) {
      writeFileSync(join(group, setting), readFileSync(join(parent, setting)));
    }
  }
  return group;
}

function handDownControllers(group: string): void {
  const controllers = readFileSync(join(group, "cgroup.controllers"), "utf8").trim().split(" ");
  const wanted = controllers.filter((name) => name !== "").map((name) => `+${name}`);
  writeFileSync(join(group, "cgroup.subtree_control"), wanted.join(" "));
}

/** Tells whether any process of the unit is alive. */
export function isUnitRunning(lab: Lab, unit: string): boolean {
  return processesIn(groupsNamed(lab, unit)).size > 0;
}

/** Kills every process of the unit at once, as a power cut would, and removes its groups. */
export function killUnit(lab: Lab, unit: string): Promise<void> {
  return killGroups(unit, () => groupsNamed(lab, unit));
}

/** Kills every process of the lab and removes all its groups. */
export function killAllUnits(lab: Lab): Promise<void> {
  return killGroups(`all processes of ${lab.directory}`, () => labGroups(lab));
}

/** Sends a signal to every process of the unit: SIGSTOP hangs it, SIGCONT lets it go on. */
export function signalUnit(lab: Lab, unit: string, signal: NodeJS.Signals): void {
  for (const id of processesIn(groupsNamed(lab, unit))) send(id, signal);
}

async function killGroups(what: string, find: () => readonly string[]): Promise<void> {
  await waitFor({
    what: `the end of ${what}`,
    timeoutSeconds: 30,
    remedy: "A process that cannot be killed waits for the kernel: look at it with ps, then try again.",
    check: async () => {
      const groups = find();
      const processes = processesIn(groups);
      for (const group of groups) thaw(group);
      for (const id of processes) send(id, "SIGKILL");
      if (processes.size > 0) return `processes ${[...processes].slice(0, 5).join(", ")}`;
      return groups.every(removeGroup) ? undefined : `control group ${groups[0]}`;
    },
  });
}

/** All groups with the lab's name, wherever the callers of the past made them. */
function labGroups(lab: Lab): readonly string[] {
  return hierarchies().flatMap(({ mountPoint }) => findGroups(mountPoint, lab.name));
}

function groupsNamed(lab: Lab, unit: string): readonly string[] {
  return labGroups(lab)
    .map((group) => join(group, unit))
    .filter((group) => existsSync(group));
}

function findGroups(directory: string, name: string): readonly string[] {
  return childGroups(directory).flatMap((child) =>
    basename(child) === name ? [child] : findGroups(child, name),
  );
}

function childGroups(directory: string): readonly string[] {
  return (
    whileItExists(() => readdirSync(directory, { withFileTypes: true }))
      ?.filter((entry) => entry.isDirectory())
      .map((entry) => join(directory, entry.name)) ?? []
  );
}

function processesIn(groups: readonly string[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const group of groups) {
    const lines = whileItExists(() => readFileSync(join(group, "cgroup.procs"), "utf8"))?.split("\n") ?? [];
    // 0 is a process that this process' own namespace cannot see.
    for (const line of lines) if (Number(line) > 0) found.add(Number(line));
    for (const id of processesIn(childGroups(group))) found.add(id);
  }
  return found;
}

/** A frozen v1 group (runc freezes one while it changes it) would keep its killed processes for ever. */
function thaw(group: string): void {
  const state = join(group, "freezer.state");
  if (existsSync(state)) writeFileSync(state, "THAWED");
  for (const child of childGroups(group)) thaw(child);
}

function send(id: number, signal: NodeJS.Signals): void {
  try {
    process.kill(id, signal);
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}

/** Removes a group with everything below; false while the kernel still counts a process in it. */
function removeGroup(group: string): boolean {
  if (!childGroups(group).every(removeGroup)) return false;
  try {
    rmdirSync(group);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    if (codeOf(error) === "EBUSY") return false;
    throw error;
  }
}

/** Groups come and go while they are read; undefined stands for one that has gone. */
function whileItExists<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENODEV") return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
