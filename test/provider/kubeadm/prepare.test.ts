// The preparation of a host in a sandbox: the real scripts, kernel settings and files; package managers and systemd pretend.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { planPreparation, renderPrepareInput } from "../../../components/kubeadm/prepare.ts";
import { loadPrepareScripts } from "../../../components/kubeadm/prepare-scripts.ts";
import { onMachine, owner, prepare } from "./prepare-host.ts";

const ofKernel = ["changed: packets are forwarded and bridged packets pass iptables"];

it("the command and the whole program pass shellcheck", () => {
  const { command, program } = loadPrepareScripts();
  const rendered = renderPrepareInput(planPreparation(owner, { kubernetes: "1.34" }), program);
  for (const input of [command, rendered]) execFileSync("shellcheck", ["--shell=sh", "-"], { input });
});

it("the command is short enough for an error message that quotes it", () => {
  expect(loadPrepareScripts().command.split("\n").length).toBeLessThanOrEqual(25);
});

describe("a bare host with apt", () => {
  it("E05 gets all that is missing, says each change once, and nothing the second time", () => {
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

  it("leaves an administrator's own entry for the same repository alone", () => {
    const own = "deb [signed-by=/k.gpg] https://pkgs.k8s.io/core:/stable:/v1.34/deb/ /";
    const { stdout } = onMachine(
      `echo '${own}' > /etc/apt/sources.list.d/kubernetes.list\n${prepare()}ls /etc/apt/sources.list.d`,
    );
    expect(stdout).not.toContain("changed: package source");
    expect(stdout).toMatch(/status=0\nkubernetes\.list\n$/);
  });

  it("E18 installs from a folder on the host and asks no repository", () => {
    const debs =
      "kubelet_1.34.4-1.1 kubeadm_1.34.4-1.1 kubernetes-cni_1.7 containerd_1.7 socat_1 chrony_4 ca-certificates_2";
    const { stdout } = onMachine(
      `mkdir /srv/d 2> /dev/null || mount -t tmpfs tmpfs /srv; mkdir -p /srv/d; for deb in ${debs}; do touch /srv/d/$deb.deb; done
       ${prepare({ packageFolder: "/srv/d" })}grep apt-get /run/calls; ls /etc/apt/sources.list.d`,
    );
    expect(stdout).toContain("status=0\napt-get -y ");
    expect(stdout).toContain("install --no-download /srv/d/ca-certificates_2.deb");
    expect(stdout).not.toContain("update");
    expect(stdout).not.toContain("nodepools-kubernetes.list");
  });

  it("E07 waits for another package manager and says for whom", () => {
    const { stdout } = onMachine(
      `mkdir -p /var/lib/dpkg; (exec 8> /var/lib/dpkg/lock-frontend; exec sleep 3) & sleep 0.3; ${prepare()}`,
    );
    expect(stdout).toMatch(/^waiting for process \d+ \(sleep\), which holds the package lock$/m);
    expect(stdout).toContain("status=0\n");
  });

  it("E07 gives up at the limit, naming the holder", () => {
    const { stdout, stderr } = onMachine(
      `mkdir -p /var/lib/dpkg; (exec 8> /var/lib/dpkg/lock-frontend; exec sleep 20) & sleep 0.3
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

  it("stops with apt's last words when packages cannot be installed", () => {
    const { stdout, stderr } = onMachine(`touch /run/install-fails; ${prepare()}`);
    expect(stdout).toContain("status=1\n");
    expect(stderr).toBe("this host could not be prepared:\n- reading the package lists: E: disk full \n");
  });
});

describe("kernel and surroundings", () => {
  const swapOn = `printf 'Filename Type\\n/dev/zram0 partition\\n' > /run/swaps; echo 'dev-zram0.swap loaded' > /run/swap-units
    printf '/dev/sda2\\tnone swap sw 0 0\\n#/dev/sda3 none swap sw 0 0\\n' >> /etc/fstab\n`;

  it("E05 turns swap off now, in fstab and in systemd, and only once", () => {
    const { stdout } = onMachine(
      `${swapOn}${prepare()}echo ====; cat /etc/fstab /proc/swaps; ls /run/units/*.masked; ${prepare()}`,
    );
    expect(stdout).toContain("changed: swap is off, now and after a reboot\n");
    expect(stdout.split("====\n")[1]).toBe(
      "/dev/sda1 / ext4 defaults 0 1\n# off for the kubelet: /dev/sda2\tnone swap sw 0 0\n#/dev/sda3 none swap sw 0 0\n" +
        "/run/units/swap.target.masked\nnothing changed\nstatus=0\n",
    );
  });

  it("leaves swap alone in a container, where it is the outer machine's", () => {
    const { stdout } = onMachine(`${swapOn}touch /run/is-container; ${prepare()}grep -c swapoff /run/calls`);
    expect(stdout).toMatch(/status=0\n0\n$/);
  });

  it("E05 loads br_netfilter when it is missing", () => {
    const { stdout } = onMachine(`mount -t tmpfs tmpfs /proc/sys/net/bridge; ${prepare()}`);
    expect(stdout).toContain("changed: kernel module br_netfilter is loaded\n");
    expect(stdout).toContain("status=0\n");
  });

  it("tells everything that the kernel refuses in one message, and installs nothing then", () => {
    const { stdout, stderr } = onMachine(
      `${swapOn}touch /run/swap-stays /run/no-modules; mount -t tmpfs -o ro tmpfs /proc/sys/net/bridge; ${prepare()}ls /run/packages 2>&1`,
    );
    expect(stdout).toContain("status=1\n");
    expect(stdout).toContain("No such file");
    expect(stderr).toMatch(
      /^this host could not be prepared:\n- swap is off.*\n- kernel module br_netfilter.*\n- packets are forwarded.*\n$/,
    );
  });

  it("E02 opens ufw's ports, and says that the network plugin's are left", () => {
    const ufw = `case $1 in status) echo "Status: active"; cat /run/ufw 2> /dev/null ;; allow) echo "$2 ALLOW Anywhere" >> /run/ufw ;; esac; exit 0\n`;
    const { stdout } = onMachine(`${prepare()}cat /run/ufw; ${prepare()}`, { ufw });
    expect(stdout).toContain("changed: ufw lets in 10250/tcp 30000-32767/tcp 30000-32767/udp\n");
    expect(stdout).toContain("warning: ufw is active: allow what your network plugin needs as well\n");
    expect(stdout).toContain(
      "10250/tcp ALLOW Anywhere\n30000:32767/tcp ALLOW Anywhere\n30000:32767/udp ALLOW Anywhere\n",
    );
    expect(stdout).toMatch(/nothing changed\nstatus=0\n$/);
  });

  it("E02 opens firewalld's ports now and for good, without a reload", () => {
    const firewall = `echo "$*" >> /run/calls; kind=now; case $* in *--permanent*) kind=later ;; esac
      case $* in *--state*) ;; *--query-port*) grep -qx "$kind \${*##*=}" /run/ports 2> /dev/null ;; *--add-port*) echo "$kind \${*##*=}" >> /run/ports ;; esac\n`;
    const { stdout } = onMachine(`${prepare()}sort /run/ports; grep -c -- --reload /run/calls`, {
      "firewall-cmd": firewall,
    });
    expect(stdout).toContain(
      "later 10250/tcp\nlater 30000-32767/tcp\nlater 30000-32767/udp\nnow 10250/tcp\nnow 30000-32767/tcp\nnow 30000-32767/udp\n0\n",
    );
  });

  const selinux = {
    getenforce: "cat /run/selinux\n",
    setenforce: "echo Permissive > /run/selinux\n",
  };
  const enforcing =
    "echo Enforcing > /run/selinux; mkdir -p /etc/selinux; echo SELINUX=enforcing > /etc/selinux/config\n";

  it("E02 makes SELinux permissive now and for good", () => {
    const { stdout } = onMachine(`${enforcing}${prepare()}cat /run/selinux /etc/selinux/config`, selinux);
    expect(stdout).toContain("changed: SELinux is permissive, now and after a reboot\n");
    expect(stdout).toMatch(/Permissive\nSELINUX=permissive\n$/);
  });

  it("E02 leaves SELinux alone when told to keep it", () => {
    const { stdout } = onMachine(
      `${enforcing}${prepare({ selinux: "keep" })}cat /run/selinux /etc/selinux/config`,
      selinux,
    );
    expect(stdout).toMatch(/status=0\nEnforcing\nSELINUX=enforcing\n$/);
  });

  it("tells NetworkManager to leave the network plugin's links alone", () => {
    const nmcli = 'echo "nmcli $*" >> /run/calls\n';
    const { stdout } = onMachine(
      `mkdir -p /etc/NetworkManager; touch /run/units/NetworkManager.active; ${prepare()}${prepare()}cat /etc/NetworkManager/conf.d/90-nodepools.conf; grep nmcli /run/calls`,
      { nmcli },
    );
    expect(stdout).toContain("changed: NetworkManager leaves the network plugin's links alone\n");
    expect(stdout).toContain("nothing changed\nstatus=0\n[keyfile]\nunmanaged-devices+=interface-name:cni*;");
    expect(stdout).toMatch(/nodelocaldns\nnmcli general reload conf\n$/);
  });

  it("warns of a clock that is not in sync, and leaves a container's alone", () => {
    const timedatectl = "echo no\n";
    const { stdout } = onMachine(`${prepare()}echo ====; touch /run/is-container; ${prepare()}`, {
      timedatectl,
    });
    const [first, second] = stdout.split("====\n");
    expect(first).toContain("warning: the clock is not in sync yet");
    expect(second).toBe("nothing changed\nstatus=0\n");
  });
});
