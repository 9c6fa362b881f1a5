import { describe, expect, it } from "vitest";
import { cgroupHierarchies } from "../../../../lab/processes/cgroup-hierarchies.ts";

const v1 = (device: string, mountPoint: string, controllers: string, root = "/"): string =>
  `30 20 ${device} ${root} ${mountPoint} rw,nosuid shared:7 - cgroup cgroup rw,${controllers}`;

describe("cgroupHierarchies", () => {
  it("stays below the caller's own group in every hierarchy of a v1 machine", () => {
    const mounts = [
      "29 20 0:25 / /sys/fs/cgroup ro shared:6 - tmpfs tmpfs rw,mode=755",
      v1("0:26", "/sys/fs/cgroup/systemd", "xattr,name=systemd"),
      v1("0:27", "/sys/fs/cgroup/cpu,cpuacct", "cpu,cpuacct"),
      v1("0:28", "/sys/fs/cgroup/memory", "memory"),
    ];
    const own = "5:name=systemd:/user.slice\n4:cpu,cpuacct:/\n3:memory:/jobs/a:b\n";
    expect(cgroupHierarchies(own, mounts.join("\n"))).toEqual([
      {
        mountPoint: "/sys/fs/cgroup/systemd",
        parent: "/sys/fs/cgroup/systemd/user.slice",
        delegatesControllers: false,
      },
      {
        mountPoint: "/sys/fs/cgroup/cpu,cpuacct",
        parent: "/sys/fs/cgroup/cpu,cpuacct",
        delegatesControllers: false,
      },
      {
        mountPoint: "/sys/fs/cgroup/memory",
        parent: "/sys/fs/cgroup/memory/jobs/a:b",
        delegatesControllers: false,
      },
    ]);
  });

  it("treats the v2 hierarchy of a hybrid machine like the others", () => {
    const mounts = [
      v1("0:28", "/sys/fs/cgroup/memory", "memory"),
      "31 20 0:29 / /sys/fs/cgroup/unified rw shared:8 - cgroup2 cgroup2 rw",
    ];
    expect(cgroupHierarchies("3:memory:/\n0::/session\n", mounts.join("\n"))[1]).toEqual({
      mountPoint: "/sys/fs/cgroup/unified",
      parent: "/sys/fs/cgroup/unified/session",
      delegatesControllers: false,
    });
  });

  it("goes to the top of a pure v2 machine and hands controllers down there", () => {
    const mount = "31 20 0:29 / /sys/fs/cgroup rw shared:8 - cgroup2 cgroup2 rw,nsdelegate";
    expect(cgroupHierarchies("0::/user.slice/session-1.scope\n", mount)).toEqual([
      { mountPoint: "/sys/fs/cgroup", parent: "/sys/fs/cgroup", delegatesControllers: true },
    ]);
  });

  it("sees a hierarchy once that is mounted twice, and starts where the mount starts", () => {
    const mounts = [
      v1("0:28", "/sys/fs/cgroup/memory", "memory", "/docker/1"),
      v1("0:28", "/elsewhere/memory", "memory"),
    ];
    expect(cgroupHierarchies("3:memory:/docker/1/sub\n", mounts.join("\n"))).toEqual([
      {
        mountPoint: "/sys/fs/cgroup/memory",
        parent: "/sys/fs/cgroup/memory/sub",
        delegatesControllers: false,
      },
    ]);
  });

  it("finds nothing where nothing is mounted", () => {
    expect(cgroupHierarchies("0::/\n", "22 1 8:1 / / rw - ext4 /dev/sda1 rw")).toEqual([]);
  });
});
