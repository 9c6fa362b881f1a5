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
/** One folder for each host, so that one run does something else to each. */
const folders = { w24: join(lab.directory, "offline-24"), w25: join(lab.directory, "offline-25") };
const prepare = {
  kubernetes: packagedVersion,
  cgroupDriver: "cgroupfs",
  sandboxImage: "registry.k8s.io/pause:3.10",
};
/** w24 is entered by a user that becomes root by sudo. */
const copies = { w24: "/home/deploy/.nodepools-files", w25: "/root/.nodepools-files" };

/** Fills a folder with what the lab's own site would serve. */
function gatherFiles(folder: string): void {
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

/** Cuts a host off from every source, and lets a user without a password become root on w24. */
async function makeOffline(name: string): Promise<void> {
  await onHost(name, ": > /etc/apt/sources.list; rm -rf /var/lib/apt/lists/*");
  if (name !== "w24") return;
  await onHost(
    name,
    `useradd --create-home --shell /bin/sh deploy; install -d -m 700 -o deploy -g deploy /home/deploy/.ssh
     install -m 600 -o deploy -g deploy /root/.ssh/authorized_keys /home/deploy/.ssh/
     echo 'deploy ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy`,
  );
}

describe("a pool whose hosts get their packages and images as files", () => {
  let stack: LabStack;
  let refusal: string;
  let copied: string;

  const declare = (more: object = {}): void =>
    stack.declare([
      { name: "sudo", prepare: { ...prepare, files: folders.w24 }, hosts: [host(24, { user: "deploy" })] },
      { name: "root", prepare: { ...prepare, files: folders.w25, ...more }, hosts: [host(25)] },
    ]);
  const up = (...options: string[]) => succeeds(stack.up(...options));
  const lives = () => livesOf(bare, "offline");
  const copiedTo = (name: keyof typeof copies) => onHost(name, `cd ${copies[name]} && find . -type f | sort`);

  beforeAll(async () => {
    await addBareHosts(lab, [24, 25]);
    await Promise.all(bare.map(makeOffline));
    for (const folder of Object.values(folders)) gatherFiles(folder);
    stack = await createStack("offline");
    declare();
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "offline", "--ignore-not-found");
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
    expect(await onHost("w24", `ls /etc/apt/sources.list.d; stat -c '%U %a' ${copies.w24}`)).toBe(
      "deploy 700",
    );
    await apply(deploymentOn("w24", "offline"));
    await eventually("the pod on w24", 300, async () => (await stayingPods("offline")).length === 1);
  });

  it("takes other files to a node at work, and refuses those that somebody changed on a host; touches nothing else of either", async () => {
    const [before, state] = [await lives(), stateOf(stack)];
    copied = await copiedTo("w25");
    renameSync(join(folders.w24, "images/busybox.tar"), join(folders.w24, "images/tools.tar"));
    await onHost("w25", `echo >> ${copies.w25}/images/pause.tar`);
    declare({ registryMirrors: { "quay.io": ["https://quay.site"] } });
    refusal = (await fails(stack.up("--continue-on-error"))).text;
    expect(refusal).toContain(`changed: deleted ${copies.w24}/images/busybox.tar`);
    expect(await copiedTo("w24")).toContain("./images/tools.tar");
    expect(changedSince(stack, state)).toEqual(["Command w24_prepare", "CopyToRemote w24_files"]);
    expect(await lives()).toEqual(before);
  });

  it("copies them again as the refusal says; the next run changes nothing and logs in nowhere", async () => {
    const told =
      /files: not as declared: images\/pause\.tar - Delete (\S+), then copy again: pulumi up --replace '(\S+)'/;
    const [, changed = "", resource = ""] = told.exec(refusal) ?? [];
    expect(changed, refusal).toBe(copies.w25);
    await onHost("w25", `rm -r ${changed}`);
    await up("--replace", resource.replace("<host>", "w25"));
    expect(await copiedTo("w25")).toBe(copied);
    expect(await onHost("w25", "ls /etc/containerd/certs.d")).toContain("quay.io");
    const before = await Promise.all(bare.map(loginsOn));
    await up("--expect-no-changes");
    // Each count is a login itself.
    expect(await Promise.all(bare.map(loginsOn))).toEqual(before.map((logins) => logins + 1));
  });

  it("leaves hosts that go with their packages and the copied files, and nothing of the cluster", async () => {
    await succeeds(stack.destroy());
    for (const name of ["w24", "w25"] as const) {
      expect(await remainsOf(name)).toEqual([]);
      expect(await copiedTo(name)).toContain("./images/pause.tar");
    }
  });
});
