// Reads from /proc where this process may make control groups. Pure.

/** One mounted hierarchy of control groups. */
export interface CgroupHierarchy {
  readonly mountPoint: string;
  /** The folder below which the lab makes its groups. */
  readonly parent: string;
  /** True on a pure cgroup v2 machine, where controllers must be handed down group by group. */
  readonly delegatesControllers: boolean;
}

interface CgroupMount {
  readonly root: string;
  readonly mountPoint: string;
  readonly type: "cgroup" | "cgroup2";
  readonly options: readonly string[];
}

/**
 * Lists the hierarchies from the texts of /proc/self/cgroup and /proc/self/mountinfo.
 *
 * In v1 hierarchies the lab stays below the caller's own group, so that limits set on the caller hold.
 * On a pure v2 machine it goes to the top: a group that holds processes, as the caller's does, cannot hand
 * controllers down (https://docs.kernel.org/admin-guide/cgroup-v2.html#no-internal-process-constraint).
 */
export function cgroupHierarchies(selfCgroup: string, mountInfo: string): readonly CgroupHierarchy[] {
  const mounts = cgroupMounts(mountInfo);
  const pureV2 = mounts.every((mount) => mount.type === "cgroup2");
  return mounts.map((mount) => ({
    mountPoint: mount.mountPoint,
    parent: pureV2
      ? mount.mountPoint
      : join(mount.mountPoint, below(mount.root, ownGroup(selfCgroup, mount))),
    delegatesControllers: pureV2,
  }));
}

/** Mounts of control groups, each hierarchy once. */
function cgroupMounts(mountInfo: string): readonly CgroupMount[] {
  const mounts = new Map<string, CgroupMount>();
  for (const line of mountInfo.split("\n")) {
    // Fields: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
    const [left = "", right = ""] = line.split(" - ");
    const [, , device = "", root = "", mountPoint = ""] = left.split(" ");
    const [type, , options = ""] = right.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") continue;
    if (!mounts.has(device)) mounts.set(device, { root, mountPoint, type, options: options.split(",") });
  }
  return [...mounts.values()];
}

/** The caller's own group in the hierarchy of that mount. */
function ownGroup(selfCgroup: string, mount: CgroupMount): string {
  for (const line of selfCgroup.split("\n")) {
    const [, controllers, ...path] = line.split(":");
    if (controllers === undefined) continue;
    const matches =
      mount.type === "cgroup2"
        ? controllers === ""
        : controllers !== "" && controllers.split(",").every((name) => mount.options.includes(name));
    if (matches) return path.join(":");
  }
  return "/";
}

/** A mount may show only a part of its hierarchy: the group as seen from there. */
function below(root: string, group: string): string {
  if (root === "/") return group;
  return group === root || group.startsWith(`${root}/`) ? group.slice(root.length) : "/";
}

function join(mountPoint: string, group: string): string {
  return group === "/" || group === "" ? mountPoint : `${mountPoint}${group}`;
}
