// The preparation of a host in a sandbox: the real scripts, kernel settings and files; package managers and systemd pretend.

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { planPreparation, renderPrepareInput } from "../../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../../components/kubeadm/prepare-scripts.ts";
import { shellFaults } from "../../support/shell-faults.ts";
import { onMachine, owner, prepare } from "./prepare-host.ts";

const ofKernel = ["changed: packets are forwarded and bridged packets pass iptables"];

it("the runner and the whole program pass shellcheck and split no words", () => {
  const { runner, program } = loadPrepareScripts();
  const rendered = renderPrepareInput(planPreparation(owner, { kubernetes: "1.34" }), program);
  expect([runner, rendered].flatMap(shellFaults)).toEqual([]);
});

describe("a bare host with apt", () => {
  it("J-05 gets all that is missing, says each change once, and nothing the second time", () => {
    const { stdout, stderr } = onMachine(`${prepare()}echo; ${prepare()}`);
    expect(stderr).toBe("");
    const [first = "", second = ""] = stdout.split("\n\n");
    expect(first.split("\n")).toEqual([
      "changed: kernel modules are loaded at boot (/etc/modules-load.d/nodepools.conf)",
      ...ofKernel,
      "changed: kernel settings are set at boot (/etc/sysctl.d/zz-nodepools.conf)",
      "changed: key of the Kubernetes packages (/etc/apt/keyrings/nodepools-kubernetes.asc)",
      "changed: package source https://pkgs.k8s.io/core:/stable:/v1.34/deb/",
      expect.stringMatching(
        /^changed: installed ca-certificates 1\.0, chrony 1\.0, containerd 1\.0, kubeadm 1\.34\.4-1\.1, kubelet 1\.34\.4-1\.1, kubernetes-cni 1\.0(, socat 1\.0)?$/,
      ),
      "changed: kubelet, kubeadm and what belongs to them are held at their versions",
      "changed: time is kept by chrony",
      "changed: containerd has the sandbox image registry.k8s.io/pause:3.10.1, SystemdCgroup = true, /opt/cni/bin and /etc/containerd/certs.d (/etc/containerd/config.toml)",
      "changed: containerd starts at boot",
      "changed: kubelet starts at boot",
      "prepared: 11 changes",
      "status=0",
    ]);
    expect(second).toBe("nothing changed\nstatus=0\n");
  });

  it("writes what lasts: modules, settings, package source, hold and services", () => {
    const { stdout } = onMachine(
      `${prepare()}echo ====; cd /etc; cat modules-load.d/nodepools.conf sysctl.d/zz-nodepools.conf apt/sources.list.d/*.list apt/keyrings/nodepools-kubernetes.asc
       cat /run/held; cd /run/units; ls *.enabled; cat /proc/sys/net/ipv4/ip_forward`,
    );
    expect(stdout.split("====\n")[1]).toBe(`overlay
br_netfilter
net.ipv4.ip_forward = 1
net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
deb [signed-by=/etc/apt/keyrings/nodepools-kubernetes.asc] https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /
from https://pkgs.k8s.io/core:/stable:/v1.34/deb/Release.key
kubelet
kubeadm
kubernetes-cni
chrony.enabled
containerd.enabled
kubelet.enabled
1
`);
  });

  it("takes the newest of a minor, and counts an installed one as that", () => {
    const { stdout } = onMachine(`${prepare({ kubernetes: "1.34" })}${prepare({ kubernetes: "1.34.9" })}`);
    expect(stdout).toContain("kubelet 1.34.9-1.1");
    expect(stdout).toContain("status=0\nnothing changed\nstatus=0\n");
  });

  it("brings a host that is no node from another version to the declared one", () => {
    const { stdout } = onMachine(`${prepare({ kubernetes: "1.35.1" })}echo ====; ${prepare()}`);
    expect(stdout.split("====\n")[1]).toContain("installed kubeadm 1.34.4-1.1, kubelet 1.34.4-1.1\n");
  });

  it("takes a given key's text and a given repository, and fetches neither", () => {
    const { stdout } = onMachine(
      `${prepare({ repository: "http://site/k8s", signingKey: "the 'key'" })}cat /etc/apt/keyrings/*nodepools* /etc/apt/sources.list.d/*; grep -c ^curl /run/calls`,
    );
    expect(stdout).toContain(
      "the 'key'\ndeb [signed-by=/etc/apt/keyrings/nodepools-kubernetes.asc] http://site/k8s/deb/ /\n0\n",
    );
  });

  it("L3 fetches the key over https alone, whatever a server redirects to, and only with the declared content", () => {
    const sum = createHash("sha256").update("from https://site/key\n").digest("hex");
    const pinned = (digest: string) => prepare({ signingKey: `https://site/key#sha256=${digest}` });
    const wrong = onMachine(
      `${pinned("0".repeat(64))}ls /etc/apt/keyrings/*nodepools* 2>&1; grep ^curl /run/calls`,
    );
    expect(wrong.stderr).toContain(
      "downloading https://site/key: it is not what is declared: its sha256 is ",
    );
    expect(wrong.stdout).toContain("No such file");
    expect(wrong.stdout).toContain("--proto =https --proto-redir =https");
    expect(wrong.stdout).toMatch(/ https:\/\/site\/key$/m);
    expect(onMachine(pinned(sum)).stdout).toMatch(/status=0\n$/);
  });

  it("leaves an administrator's own entry for the same repository alone", () => {
    const own = "deb [signed-by=/k.gpg] https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /";
    const { stdout } = onMachine(
      `echo '${own}' > /etc/apt/sources.list.d/kubernetes.list\n${prepare()}ls /etc/apt/sources.list.d`,
    );
    expect(stdout).not.toContain("changed: package source");
    expect(stdout).toMatch(/status=0\nkubernetes\.list\n$/);
  });

  it("adds the repository where an administrator's entry is turned off", () => {
    const own = "deb https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /";
    const { stdout } = onMachine(
      `cd /etc/apt/sources.list.d; echo '# ${own} # disabled on upgrade' > kubernetes.list; echo '${own}' > kubernetes.list.save\n${prepare()}`,
    );
    expect(stdout).toContain("changed: package source");
  });

  const debs =
    "kubelet_1.34.4-1.1 kubeadm_1.34.4-1.1 kubernetes-cni_1.7 containerd_1.7 socat_1 chrony_4 ca-certificates_2";
  const fillFolder = `mkdir -p /run/site/d; for deb in ${debs}; do touch /run/site/d/$deb.deb; done`;
  const fromFolder = prepare({ packageFolder: "/run/site/d" });

  it("J-18 installs from a folder on the host and asks no repository", () => {
    const { stdout } = onMachine(
      `${fillFolder}; ${fromFolder}grep apt-get /run/calls; ls /etc/apt/sources.list.d`,
    );
    expect(stdout).toContain("status=0\napt-get -y ");
    expect(stdout).toContain("-o Dir::Etc::SourceParts=/dev/null /run/site/d/ca-certificates_2.deb");
    expect(stdout).not.toContain("update");
    expect(stdout).not.toContain("nodepools-kubernetes.list");
  });

  it.each([
    ["everybody may write to it", "chmod 777 /run/site/d", "/run/site/d"],
    [
      "another user owns a package in it",
      "touch /run/site/d/zz-evil.deb; chown 65534 /run/site/d/zz-evil.deb",
      "/run/site/d/zz-evil.deb",
    ],
    ["a package in it is a link", "ln -s /tmp/evil.deb /run/site/d/evil.deb", "/run/site/d/evil.deb"],
    ["another user owns a folder on the way to it", "chown 65534 /run/site", "/run/site"],
    [
      "a group may exchange a folder on the way to it",
      "chgrp 65534 /run/site; chmod g+w /run/site",
      "/run/site",
    ],
    [
      "it is behind a link, where everybody may write",
      "mv /run/site/d /run/open; chmod 777 /run/open; ln -s /run/open /run/site/d",
      "/run/open",
    ],
  ])("M7 installs nothing from a folder on the host when %s", (_, change, where) => {
    const { stdout, stderr } = onMachine(
      `${fillFolder}; ${change}; touch /run/calls; ${fromFolder}grep -c apt-get /run/calls`,
    );
    expect(stderr).toContain(
      `- packageFolder: root would install what others may change: ${where} - make it root's`,
    );
    expect(stdout).toMatch(/status=1\n0\n$/);
  });

  it("J-18 has the folder's packages installed again after a power cut that left one half unpacked", () => {
    const cut = ": > /run/calls; touch /run/cut-unpacking; echo socat > /run/half-installed";
    const { stdout } = onMachine(`${fillFolder}; ${fromFolder}${cut}; ${fromFolder}grep apt-get /run/calls`);
    expect(stdout).toMatch(/changed: finished an interrupted installation\n(?:.*\n)*status=0\n/);
    expect(stdout).toMatch(
      / --reinstall -o Dir::Etc::SourceList=\/dev\/null .* \/run\/site\/d\/socat_1\.deb\n/,
    );
    expect(stdout).not.toContain("update");
  });

  it("J-07 waits for another package manager and says for whom", () => {
    const { stdout } = onMachine(
      `mkdir -p /var/lib/dpkg; (exec 8> /var/lib/dpkg/lock-frontend; exec sleep 10) & sleep 1; ${prepare()}`,
    );
    expect(stdout).toMatch(/^waiting for process \d+ \(sleep\), which holds the package lock$/m);
    expect(stdout).toContain("status=0\n");
  });

  it("J-07 M1 waits for no container that has a file of that name, and for nobody who can only read it", () => {
    const { stdout } = onMachine(
      `mkdir -p /var/lib/dpkg; touch /var/lib/dpkg/lock
       unshare --mount sh -c 'mount -t tmpfs tmpfs /var/lib/dpkg; exec 8> /var/lib/dpkg/lock; exec sleep 20' &
       (exec 8< /var/lib/dpkg/lock; exec sleep 20) & sleep 0.5; ${prepare()}`,
    );
    expect(stdout).not.toContain("waiting");
    expect(stdout).toContain("status=0\n");
  });

  it("J-07 gives up at the limit, naming the holder", () => {
    const { stdout, stderr } = onMachine(
      `mkdir -p /var/lib/dpkg; (exec 8> /var/lib/dpkg/lock-frontend; exec sleep 30) & sleep 1
       ${prepare({}, (text) => text.replace("lock_seconds='900'", "lock_seconds='2'"))}kill $!`,
    );
    expect(stdout).toContain("status=1\n");
    expect(stderr).toMatch(/process \d+ \(sleep\) still holds the package lock after 2 s/);
  });

  it("finishes what a power cut interrupted before it installs anything", () => {
    const { stdout } = onMachine(
      `echo libc > /run/half-installed; ${prepare()}grep -m 2 -E '^(dpkg|apt-get)' /run/calls`,
    );
    expect(stdout).toContain("changed: finished an interrupted installation\n");
    expect(stdout).toMatch(/status=0\ndpkg --force-confold --configure -a\napt-get /);
  });

  it("has apt install again what a power cut left half unpacked, also when nothing is missing", () => {
    const { stdout, stderr } = onMachine(
      `${prepare()}: > /run/calls; touch /run/cut-unpacking; echo libc > /run/half-installed
       ${prepare()}grep -E '^(dpkg|apt-get)' /run/calls; ls /run/half-installed`,
    );
    expect(stderr).toMatch(/^ls: [^\n]+half-installed[^\n]+\n$/);
    expect(stdout).toContain(
      "changed: finished an interrupted installation\nchanged: installed libc 1.0\nprepared: 2 changes\n",
    );
    expect(stdout).toMatch(
      /dpkg --force-confold --configure -a\napt-get .* update\napt-get .* --reinstall libc\n$/,
    );
  });

  it("stops when an interrupted installation cannot be finished", () => {
    const { stdout, stderr } = onMachine(
      `touch /run/cut-unpacking /run/install-nothing; echo libc > /run/half-installed; ${prepare()}`,
    );
    expect(stdout).toContain("status=1\n");
    expect(stderr).toMatch(/- finishing an interrupted installation: /);
  });

  it("believes only what it finds: packages that are still missing are named", () => {
    const { stdout, stderr } = onMachine(`touch /run/install-nothing; ${prepare()}`);
    expect(stdout).toContain("status=1\n");
    expect(stderr).toMatch(
      /- installing packages: still missing: .*containerd .*kubelet=1\.34\.4-\* kubeadm=1\.34\.4-\*/,
    );
  });

  it("stops with apt's last words when packages cannot be installed", () => {
    const { stdout, stderr } = onMachine(`touch /run/install-fails; ${prepare()}`);
    expect(stdout).toContain("status=1\n");
    expect(stderr).toBe("this host could not be prepared:\n- reading the package lists: E: disk full \n");
  });
});
