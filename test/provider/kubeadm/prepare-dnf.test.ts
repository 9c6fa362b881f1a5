// The RHEL family in a sandbox: dnf and rpm only pretend, because no such system can run here.
import { createHash } from "node:crypto";
import { release } from "node:os";
import { describe, expect, it } from "vitest";
import { planPreparation, renderPrepareInput } from "../../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../../components/kubeadm/prepare-scripts.ts";
import { quoteForShell } from "../../../components/ssh/quote.ts";
import { onMachine, owner, prepare, rocky } from "./prepare-host.ts";

const { program } = loadPrepareScripts();

it("J-02 gets repository, packages out of reach of other updates, and nothing the second time", () => {
  const { stdout, stderr } = onMachine(
    `${rocky}touch /run/repository-has-containerd; ${prepare()}echo ====; ${prepare()}cat /etc/yum.repos.d/*; grep '^dnf.* install' /run/calls`,
  );
  expect(stderr).toBe("");
  const [first = "", second = ""] = stdout.split("====\n");
  expect(first).toMatch(
    /^changed: installed ca-certificates 1\.0, chrony 1\.0, containerd\.io 1\.0, kubeadm 1\.34\.4-1\.1, kubelet 1\.34\.4-1\.1, kubernetes-cni 1\.0/m,
  );
  expect(first).toMatch(/prepared: \d+ changes\nstatus=0\n$/);
  expect(second).toBe(`nothing changed
status=0
[nodepools-kubernetes]
name=Kubernetes for nodepools
baseurl=https://pkgs.k8s.io/core:/stable:/v1.34/rpm/
enabled=1
gpgcheck=1
gpgkey=file:///etc/pki/rpm-gpg/nodepools-kubernetes.asc
exclude=kubelet kubeadm kubernetes-cni cri-tools kubectl
module_hotfixes=1
dnf -y --setopt=install_weak_deps=False install ${/install (.*containerd\.io.*)/.exec(stdout)?.[1]}
dnf -y --setopt=install_weak_deps=False install --setopt=disable_excludes=main,nodepools-kubernetes,kubernetes kubelet-1.34.4-* kubeadm-1.34.4-* kubernetes-cni
`);
});

describe("J-02 RHEL 10, whose kernel has br_netfilter in a package of its own", () => {
  const bare = `${rocky}touch /run/no-extra-modules; mount -t tmpfs tmpfs /proc/sys/net/bridge; `;
  const kernel = release();

  it("gets that package for the running kernel before the module is loaded, and only once", () => {
    const { stdout } = onMachine(`${bare}${prepare()}echo ====; ${prepare()}grep kernel- /run/calls`);
    const [first = "", second] = stdout.split("====\n");
    expect(first).toMatch(
      new RegExp(
        `^changed: installed kernel-modules-extra-${kernel}\n(.*\n)*changed: kernel module br_netfilter`,
        "m",
      ),
    );
    expect(second).toBe(
      `nothing changed\nstatus=0\ndnf -y --setopt=install_weak_deps=False install kernel-modules-extra-${kernel}\n`,
    );
  });

  it("gets it from the files of a site without a mirror", () => {
    const name = `kernel-modules-extra-${kernel}.rpm`;
    const path = `packages/${name}`;
    const file = { path, sha256: createHash("sha256").update("rpm").digest("hex") };
    const input = renderPrepareInput(planPreparation(owner, { kubernetes: "1.34.4" }, [file]), program);
    const home = `mkdir -p /run/home/.nodepools-files/packages; cd /run/home; printf rpm > .nodepools-files/${path}\n`;
    const { stdout } = onMachine(
      `${bare}${home}printf '%s' ${quoteForShell(input)} | prepare; grep kernel- /run/calls`,
    );
    expect(stdout).toContain(`changed: installed kernel-modules-extra-${kernel}\n`);
    expect(stdout).toContain(`install --disablerepo=* /run/home/.nodepools-files/${path}\n`);
  });

  it("is told what to do when that package cannot be had any more", () => {
    const { stdout, stderr } = onMachine(`${bare}touch /run/install-fails; ${prepare()}`);
    expect(stderr).toBe(
      `this host could not be prepared:\n- installing kernel-modules-extra-${kernel} (if no source has it any more: update the kernel, reboot, run again): E: disk full \n`,
    );
    expect(stdout).toContain("status=1\n");
  });
});

it("L3 adds Docker's repository, with the key that this program brings, where the host's own have no containerd", () => {
  const { stdout } = onMachine(
    `${rocky}${prepare()}cat /etc/yum.repos.d/nodepools-containerd.repo; ls /run/bin/containerd; grep -c download.docker /run/calls;
    GNUPGHOME=$(mktemp -d) gpg --batch --show-keys --with-colons /etc/pki/rpm-gpg/nodepools-docker.asc 2> /dev/null | grep '^fpr'`,
  );
  expect(stdout).toContain("changed: package source https://download.docker.com\n");
  expect(stdout).toContain("baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable\n");
  expect(stdout).toContain("gpgcheck=1\ngpgkey=file:///etc/pki/rpm-gpg/nodepools-docker.asc\n");
  // Nothing was asked of Docker; the fingerprint is the one that its installation page names.
  expect(stdout).toMatch(
    /includepkgs=containerd\.io\nmodule_hotfixes=1\n\/run\/bin\/containerd\n0\nfpr:+060A61C51B558A7F742B77AAC52FEB6B621E9F35:\n$/,
  );
});

it("ends when dnf waits for somebody else, and takes no answer for no containerd", () => {
  const { stdout, stderr } = onMachine(
    `${rocky}touch /run/dnf-hangs; ${prepare()}ls /etc/yum.repos.d/nodepools-containerd.repo 2>&1`,
  );
  expect(stderr).toContain("- asking dnf for containerd.io: no answer after 300 s. End what else runs dnf");
  expect(stdout).toMatch(/status=1\nls: cannot access .*No such file or directory\n$/);
});

it("adds the repository where an administrator's entry is turned off", () => {
  const own =
    "[kubernetes]\nbaseurl=https://pkgs.k8s.io/core:/stable:/v1.34/rpm/\nenabled=0\n[other]\nenabled=1";
  const { stdout } = onMachine(
    `${rocky}mkdir -p /etc/yum.repos.d; echo '${own}' > /etc/yum.repos.d/kubernetes.repo; ${prepare()}`,
  );
  expect(stdout).toContain("changed: package source https://pkgs.k8s.io");
});

it("leaves an administrator's own entry for the same repository alone, and holds by versionlock", () => {
  const own = "baseurl=https://pkgs.k8s.io/core:/stable:/v1.34/rpm/";
  const { stdout } = onMachine(
    `${rocky}mkdir -p /etc/yum.repos.d; echo '${own}' > /etc/yum.repos.d/kubernetes.repo; ${prepare()}ls /etc/yum.repos.d; grep versionlock /run/calls | tail -n 2`,
  );
  expect(stdout).not.toContain("nodepools-kubernetes.repo");
  expect(stdout).toContain("dnf -q versionlock add kubelet kubeadm kubernetes-cni cri-tools kubectl\n");
});
