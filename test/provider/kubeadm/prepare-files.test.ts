// Files that were copied to a host, in a sandbox: used as they were declared, refused from anybody else.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { planPreparation, renderPrepareInput } from "../../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../../components/kubeadm/prepare-scripts.ts";
import { quoteForShell } from "../../../components/ssh/quote.ts";
import { node, onMachine, owner } from "./prepare-host.ts";

const { program } = loadPrepareScripts();
const debs = [
  "ca-certificates_2",
  "chrony_4",
  "containerd_1",
  "kubelet_1.34.4-1.1",
  "kubeadm_1.34.4-1.1",
  "kubernetes-cni_1",
  "socat_1",
];
const names = [...debs.map((name) => `packages/${name}_amd64.deb`), "images/cni.tar"];
const files = names.map((path) => ({ path, sha256: createHash("sha256").update(path).digest("hex") }));

/** A login whose home has the files; each has its own name as its content. */
const home = `mkdir -p /run/home; cd /run/home; folder=/run/home/.nodepools-files
for name in ${names.join(" ")}; do mkdir -p $folder/\${name%/*}; printf %s "$name" > $folder/$name; done\n`;

function prepare(list = files): string {
  const plan = planPreparation(owner, { kubernetes: "1.34.4" }, list);
  return `printf '%s' ${quoteForShell(renderPrepareInput(plan, program))} | prepare; echo "status=$?"\n`;
}

const copyAgain =
  "Delete /run/home/.nodepools-files, then copy again: pulumi up --replace '**::<host>_files'";

const onTheWay = "if it is a folder on the way there, take that right from them (chmod go-w). ";

describe("files that were copied to a host", () => {
  it("J-18 are what its packages and images come from, and no repository", () => {
    const { stdout, stderr } = onMachine(
      `${home}${prepare()}grep -E 'apt-get|import' /run/calls; ls /etc/apt/sources.list.d; ls -ld $folder | cut -c 1-10; ${prepare()}`,
    );
    expect(stderr).toBe("");
    expect(stdout).toContain(
      "-o Dir::Etc::SourceParts=/dev/null /run/home/.nodepools-files/packages/ca-certificates_2_amd64.deb",
    );
    expect(stdout).toContain(
      "changed: images of /run/home/.nodepools-files/images/cni.tar: site/cni.tar:1\n",
    );
    expect(stdout).not.toMatch(/update|nodepools-kubernetes/);
    expect(stdout).toMatch(/drwx------\nnothing changed\nstatus=0\n$/);
  });

  it("go when they are not among the declared ones any more", () => {
    const { stdout } = onMachine(
      `${home}touch $folder/packages/kubelet_1.33.9_amd64.deb; ${prepare()}ls $folder/packages | grep -c kubelet`,
    );
    expect(stdout).toContain(
      "changed: deleted /run/home/.nodepools-files/packages/kubelet_1.33.9_amd64.deb, which is not among the declared files any more\n",
    );
    expect(stdout).toMatch(/status=0\n1\n$/);
  });

  it("give a node its images, and nothing of theirs to one that no stack has claimed", () => {
    const { stdout } = onMachine(`${home}${node("1.34.4", owner)}${prepare()}cat /run/packages 2>&1`);
    expect(stdout).toContain(
      "changed: images of /run/home/.nodepools-files/images/cni.tar: site/cni.tar:1\nprepared: 1 changes\n",
    );
    expect(stdout).toContain("No such file");
    expect(onMachine(`${home}${node("1.34.4")}${prepare()}`).stdout).toBe("nothing changed\nstatus=0\n");
  });

  it.each([
    ["that are missing", "rm -r $folder", "files: /run/home/.nodepools-files is not there. "],
    [
      "with another content",
      "echo x >> $folder/images/cni.tar; rm $folder/packages/kubelet*",
      "files: not as declared: packages/kubelet_1.34.4-1.1_amd64.deb images/cni.tar - ",
    ],
    [
      "of another user",
      "chown 4711 $folder/images/cni.tar",
      `files: others than this login may change /run/home/.nodepools-files/images/cni.tar - ${onTheWay}`,
    ],
    [
      "in a folder of another user",
      "chown 4711 $folder",
      `files: others than this login may change /run/home/.nodepools-files - ${onTheWay}`,
    ],
    [
      "behind a link",
      "mv $folder /run/elsewhere; ln -s /run/elsewhere $folder",
      `files: others than this login may change /run/home/.nodepools-files - ${onTheWay}`,
    ],
    [
      "in a home that a group may write to (L9)",
      "chgrp 65534 /run/home; chmod g+w /run/home",
      `files: others than this login may change /run/home - ${onTheWay}`,
    ],
    [
      "that are links",
      "mv $folder/images/cni.tar /run; ln -s /run/cni.tar $folder/images/",
      `files: others than this login may change /run/home/.nodepools-files/images/cni.tar - ${onTheWay}`,
    ],
  ])("%s stop the preparation, before anything is installed", (_, change, text) => {
    const { stdout, stderr } = onMachine(
      `${home}${change}; ${prepare()}cat /run/calls /run/packages 2>&1 | grep -c apt`,
    );
    expect(stderr).toBe(`this host could not be prepared:\n- ${text}${copyAgain}\n`);
    expect(stdout).toBe("status=1\n0\n");
  });

  it("M2 with a line break in a name are refused: of its halves one may lie anywhere", () => {
    const { stdout, stderr } = onMachine(
      `${home}mkdir -p "$folder/x\n../precious" precious; touch precious/f "$folder/x\n../precious/f"; ${prepare()}ls precious`,
    );
    expect(stdout).toBe("status=1\nf\n");
    expect(stderr).toContain(
      `- files: a name with a line break: /run/home/.nodepools-files/x .. - ${copyAgain}`,
    );
  });

  it("may be the login's own where it is not root, as sudo tells", () => {
    const { stdout } = onMachine(`${home}chown -R 4711 $folder; export SUDO_UID=4711; ${prepare()}`);
    expect(stdout).toMatch(/status=0\n$/);
  });
});
