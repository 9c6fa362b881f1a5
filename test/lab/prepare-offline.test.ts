// `prepare.files`: bare hosts without any source of packages or images get all of it from the machine that runs Pulumi.
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addBareHosts } from "../../lab/bare-host.ts";
import { hostAt } from "../../lab/hosts/host.ts";
import { ownImageFile } from "../../lab/hosts/power.ts";
import { power } from "../../lab/lab.ts";
import { nextVersion, packagedVersion, repositoryPath } from "../../lab/packages/kubernetes-repository.ts";
import type { LabStack } from "../../lab/stack.ts";
import { livesOf } from "../support/node-lives.ts";
import { fails, rowsOf, succeeds } from "../support/pulumi-run.ts";
import { changedSince, stateOf } from "../support/stack-state.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  loginsOn,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const bare = ["w24", "w25"];
const folder = join(lab.directory, "offline");
const prepare = {
  kubernetes: packagedVersion,
  files: folder,
  cgroupDriver: "cgroupfs",
  sandboxImage: "registry.k8s.io/pause:3.10",
};
/** w25 is entered by a user that becomes root by sudo. */
const homes = { w24: "/root", w25: "/home/deploy" };

/** Fills the folder with what the lab's own site would serve. */
function gatherFiles(): void {
  const site = join(dirname(readFileSync(ownImageFile(hostAt(lab, 24)), "utf8").trim()), "site");
  mkdirSync(join(folder, "packages"), { recursive: true });
  for (const source of [join(site, "debian"), join(site, repositoryPath, "deb")]) {
    for (const name of readdirSync(source).filter(
      (name) => name.endsWith(".deb") && !name.includes(nextVersion),
    ))
      cpSync(join(source, name), join(folder, "packages", name));
  }
  cpSync(join(site, "images"), join(folder, "images"), { recursive: true });
}

/** Cuts a host off from every source, and lets a user without a password become root on w25. */
async function makeOffline(name: string): Promise<void> {
  await onHost(name, ": > /etc/apt/sources.list; rm -rf /var/lib/apt/lists/*");
  if (name !== "w25") return;
  await onHost(
    name,
    `useradd --create-home --shell /bin/sh deploy; install -d -m 700 -o deploy -g deploy /home/deploy/.ssh
     install -m 600 -o deploy -g deploy /root/.ssh/authorized_keys /home/deploy/.ssh/
     echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy`,
  );
}

describe("a pool whose hosts get their packages and images as files", () => {
  let stack: LabStack;

  const declare = (more: object = {}): void =>
    stack.declare([
      { name: "workers", prepare: { ...prepare, ...more }, hosts: [host(24), host(25, { user: "deploy" })] },
    ]);
  const up = (...options: string[]) => succeeds(stack.up(...options));
  const lives = () => livesOf(bare, "offline");
  const copiedTo = (name: keyof typeof homes) =>
    onHost(name, `cd ${homes[name]}/.nodepools-files && find . -type f | sort`);

  beforeAll(async () => {
    await addBareHosts(lab, [24, 25]);
    await Promise.all(bare.map(makeOffline));
    gatherFiles();
    stack = await createStack("offline");
    declare();
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "offline", "--ignore-not-found");
    await succeeds(stack.destroy());
    await Promise.all(bare.map((name) => power(lab, name, "off")));
  });

  it("J-18 shows at preview what will be copied where, and logs in nowhere", async () => {
    const before = await Promise.all(bare.map(loginsOn));
    const run = await succeeds(stack.preview());
    for (const name of bare) expect(rowsOf(run, "CopyToRemote", `${name}_files`)).toHaveLength(1);
    expect(await Promise.all(bare.map(loginsOn))).toEqual(before.map((logins) => logins + 1));
  });

  it("J-18 makes nodes of hosts that reach no repository and no registry, also by sudo", async () => {
    const run = await up();
    for (const name of bare) {
      const rows = rowsOf(run, "Command", `${name}_prepare`);
      expect(rows).toContainEqual(expect.stringMatching(/changed: installed .*kubeadm 1\.34\.4-1\.1/));
    }
    expect(await readyNodes()).toEqual(expect.arrayContaining(bare));
    expect(
      await onHost("w25", "ls /etc/apt/sources.list.d; stat -c '%U %a' /home/deploy/.nodepools-files"),
    ).toBe("deploy 700");
    await apply(deploymentOn("w25", "offline"));
    await eventually("the pod on w25", 300, async () => (await stayingPods("offline")).length === 1);
  });

  it("does nothing the second time, and logs in nowhere", async () => {
    const before = await Promise.all(bare.map(loginsOn));
    await succeeds(stack.up("--expect-no-changes"));
    expect(await Promise.all(bare.map(loginsOn))).toEqual(before.map((logins) => logins + 1));
  });

  it("takes other files to nodes at work, and touches nothing else of them", async () => {
    const [before, state] = [await lives(), await stateOf(stack)];
    renameSync(join(folder, "images/busybox.tar"), join(folder, "images/tools.tar"));
    const run = await up();
    for (const name of ["w24", "w25"] as const) {
      expect(rowsOf(run, "Command", `${name}_prepare`)).toContainEqual(
        expect.stringContaining(`changed: deleted ${homes[name]}/.nodepools-files/images/busybox.tar`),
      );
      expect(await copiedTo(name)).toContain("./images/tools.tar");
    }
    expect(await changedSince(stack, state)).toEqual([
      "Command w24_prepare",
      "Command w25_prepare",
      "CopyToRemote w24_files",
      "CopyToRemote w25_files",
    ]);
    expect(await lives()).toEqual(before);
  });

  it("refuses files that somebody changed on a host, and copies them again when told to", async () => {
    await onHost("w25", "echo >> /home/deploy/.nodepools-files/images/pause.tar");
    declare({ registryMirrors: { "quay.io": ["https://quay.site"] } });
    const state = await stateOf(stack);
    const run = await fails(stack.up("--continue-on-error"));
    expect(await changedSince(stack, state)).not.toContain("CopyToRemote w25_files");
    const told =
      /files: not as declared: images\/pause\.tar - Delete (\S+), then copy again: pulumi up --replace '(\S+)'/;
    const [, copies, resource = ""] = told.exec(run.text) ?? [];
    expect(copies, run.text).toBe("/home/deploy/.nodepools-files");
    await onHost("w25", `rm -r ${copies}`);
    await up("--replace", resource.replace("<host>", "w25"));
    expect(await copiedTo("w25")).toBe(await copiedTo("w24"));
    expect(await onHost("w25", "ls /etc/containerd/certs.d")).toContain("quay.io");
    await succeeds(stack.isSettled());
  });

  it("leaves hosts that go with their packages and the copied files, and nothing of the cluster", async () => {
    await succeeds(stack.destroy());
    for (const name of ["w24", "w25"] as const) {
      expect(await remainsOf(name)).toEqual([]);
      expect(await copiedTo(name)).toContain("./images/pause.tar");
    }
  });
});
