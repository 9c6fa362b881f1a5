// The RHEL family in a sandbox: dnf and rpm only pretend, because no such system can run here.
import { expect, it } from "vitest";
import { onMachine, prepare, rocky } from "./prepare-host.ts";

it("E02 gets repository, packages out of reach of other updates, and nothing the second time", () => {
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
dnf -y --setopt=install_weak_deps=False install ${/install (.*containerd\.io.*)/.exec(stdout)?.[1]}
dnf -y --setopt=install_weak_deps=False install --setopt=disable_excludes=nodepools-kubernetes,kubernetes kubelet-1.34.4-* kubeadm-1.34.4-* kubernetes-cni
`);
});

it("adds Docker's repository where the host's own have no containerd", () => {
  const { stdout } = onMachine(
    `${rocky}${prepare()}cat /etc/yum.repos.d/nodepools-containerd.repo; ls /run/bin/containerd`,
  );
  expect(stdout).toContain("changed: package source https://download.docker.com\n");
  expect(stdout).toContain("baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable\n");
  expect(stdout).toMatch(/includepkgs=containerd\.io\n\/run\/bin\/containerd\n$/);
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
