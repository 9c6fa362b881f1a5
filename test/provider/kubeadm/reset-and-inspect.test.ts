// reset and inspect on a sandboxed host.
import { describe, expect, it } from "vitest";
import { parseFindings } from "../../../components/kubeadm/findings.ts";
import { claimInput } from "../../../components/kubeadm/marker.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";
import { claim, feed, files, joined, marker, owner, reset, run } from "./scripted-host.ts";

describe("reset", () => {
  it("J-26 leaves nothing of the membership and what others own", () => {
    const { stdout } = run(`${claim}${joined}
      mkdir -p /var/lib/kubelet/pki /var/lib/cni/networks/lab0 /var/lib/cni/networks/podman /etc/cni/net.d
      touch /var/lib/kubelet/config.yaml /var/lib/kubelet/pki/kubelet-client-current.pem /etc/kubernetes/mine.yaml
      touch /etc/cni/net.d/10-calico.conflist
      echo '{"cniVersion":"1.0.0","name":"lab0","plugins":[{"type":"bridge","name":"other"}]}' > /etc/cni/net.d/10-a-lab.conflist
      mkdir -p /var/lib/kubelet/pods/p/volumes/v && mount -t tmpfs tmpfs /var/lib/kubelet/pods/p/volumes/v
      ip link add cni0 type bridge
      ${reset}cat /run/kubeadm.calls; find /etc/kubernetes /etc/cni /var/lib/kubelet /var/lib/cni /var/lib/nodepools -not -type d; ls /var/lib/cni/networks; grep kubelet /proc/mounts`);
    expect(stdout).toBe(
      "status=0\nkubeadm reset done\ndeleted link cni0\nclean\nstatus=0\n" +
        "reset -f --skip-phases=remove-etcd-member --cri-socket unix:///run/containerd/containerd.sock\n" +
        "/etc/kubernetes/mine.yaml\n/etc/cni/net.d/10-a-lab.conflist\npodman\n",
    );
  });

  it("J-C3 unmounts and empties the root that the kubelet has, behind a link too, and leaves what is not its own there", () => {
    const { stdout } = runInSandbox(
      `${claim}${joined}
      mkdir -p /etc/default /run/data/kubelet/pods/p/volumes/token /run/data/kubelet/mine; ln -s /run/data /run/link
      echo 'KUBELET_EXTRA_ARGS=--root-dir=/run/link/kubelet' > /etc/default/kubelet
      mount -t tmpfs tmpfs /run/data/kubelet/pods/p/volumes/token; touch /run/data/kubelet/pods/p/volumes/token/secret
      inspect | grep ^leftover
      ${reset}ls /run/data/kubelet; grep -c /run/data /proc/mounts`,
      {
        ...files,
        systemctl:
          "case $1 in show) echo 'EnvironmentFiles=/etc/default/kubelet (ignore_errors=yes)' ;; cat | stop) ;; *) exit 3 ;; esac\n",
      },
    );
    expect(stdout).toBe(
      "status=0\nleftover=/run/data/kubelet/pods/p/volumes/token\nkubeadm reset done\nclean\nstatus=0\nmine\n0\n",
    );
  });

  it("J-26 leaves nothing of Calico and Cilium, which keep a file system mounted, and no route of Calico's", () => {
    const { stdout } = run(`${claim}${joined}
      for folder in /run/calico/cgroup /run/cilium/cgroupv2; do mkdir -p $folder; mount -t tmpfs tmpfs $folder; done
      mount -t tmpfs tmpfs /run/calico/cgroup; touch /run/calico/bird.ctl
      ip route add blackhole 10.244.9.0/26 proto 80; ip route add blackhole 10.244.8.0/26 proto 12
      ip route add blackhole 192.0.2.0/24 proto static
      ${reset}ls -d /run/calico /run/cilium 2> /dev/null; grep -E 'calico|cilium' /proc/mounts; ip route`);
    expect(stdout).toBe(
      "status=0\nkubeadm reset done\nclean\nstatus=0\nblackhole 192.0.2.0/24 proto static \n",
    );
  });

  it("J-26 leaves what podman, nerdctl and Nomad keep in the plugins' folders", () => {
    const { stdout } = run(`${claim}${joined}
      mkdir -p /etc/cni/net.d /var/lib/cni/networks/cbr0 /var/lib/cni/networks/bridge /var/lib/cni/networks/web /var/lib/cni/results
      echo '{"name":"bridge"}' > /etc/cni/net.d/nerdctl-bridge.conflist
      touch /var/lib/cni/results/cbr0-1-eth0 /var/lib/cni/results/cni-loopback-1-lo /var/lib/cni/results/web-1-eth0
      ${reset}cd /var/lib/cni; find . -mindepth 2 | sort`);
    expect(stdout).toBe(
      "status=0\nkubeadm reset done\nclean\nstatus=0\n./networks/bridge\n./networks/web\n./results/web-1-eth0\n",
    );
  });

  it("J-26 is clean beside a kubelet of another cluster in a container, and not beside one of its own", () => {
    const { stdout, stderr } = run(`cp /bin/sleep /run/kubelet
      unshare --pid --fork --mount-proc /run/kubelet 20 &
      sleep 0.3; ${claim}${joined}${reset}kill $!
      /run/kubelet 20 & sleep 0.2; ${claim}${joined}${reset}kill $!`);
    const done = "status=0\nkubeadm reset done\n";
    expect(stdout).toBe(`${done}clean\nstatus=0\n${done}status=1\n`);
    expect(stderr).toMatch(/^not clean, still there: +kubelet \. Run again/);
  });

  it.each([
    ["a space, beside a folder of the login's home", "old backup"],
    ["a space and the parent folder", "x .."],
    ["a line of its own", "y\n/run/home"],
    ["a pattern", "*"],
    ["an option", "-delete"],
  ])("M2 deletes a folder of the plugins whose name has %s, and nothing else", (_, name) => {
    const { stdout } = run(`${claim}${joined}
      mkdir -p "/var/lib/cni/${name}" /run/home/backup; touch "/var/lib/cni/${name}/file" /run/home/backup/file /run/home/mine
      cd /run/home; ${reset}find /run/home -type f | sort; ls -A /var/lib/cni`);
    expect(stdout).toBe(
      "status=0\nkubeadm reset done\nclean\nstatus=0\n/run/home/backup/file\n/run/home/mine\n",
    );
  });

  it("M2 follows no link that a pod put among the plugins' files", () => {
    const { stdout } = run(`${claim}${joined}
      mkdir -p /var/lib/cni /run/home; touch /run/home/mine; ln -s /run/home /var/lib/cni/link
      ${reset}ls /run/home; ls -A /var/lib/cni`);
    expect(stdout).toBe("status=0\nkubeadm reset done\nclean\nstatus=0\nmine\n");
  });

  it("M2 unmounts nothing elsewhere, whatever a mount's name says, and removes nothing below it", () => {
    const { stdout, stderr } = run(`${claim}${joined}
      folder="/var/lib/kubelet/pods/x\n/run/precious"; mkdir -p "$folder" /run/precious
      mount -t tmpfs tmpfs "$folder"; mount -t tmpfs tmpfs /run/precious; touch "$folder/data"
      ${reset}grep -c ' /run/precious ' /proc/mounts; ls "$folder"`);
    expect(stdout).toBe("status=0\nstatus=1\n1\ndata\n");
    expect(stderr).toContain("still mounted: /var/lib/kubelet/pods/x");
  });

  it("M1 is not held up by a user of the host who is not root", () => {
    const { stdout } = run(`umask 022; ${claim}${joined}
      for lock in /run/nodepools.lock /run/nodepools/lock; do
        setpriv --reuid 65534 --regid 65534 --clear-groups flock -x $lock sleep 20 2> /dev/null &
      done
      sleep 0.3; inspect | grep busy; ${reset}`);
    expect(stdout).toBe("status=0\nkubeadm reset done\nclean\nstatus=0\n");
  });

  it("J-31 is done at once on a host that was reset before", () => {
    const { stdout } = run(reset);
    expect(stdout).toBe("nothing to reset: no stack has claimed this host\nstatus=0\n");
  });

  it.each([
    [
      "that another stack has claimed",
      feed(claimInput({ ...marker, owner: "a/b/c" }), "claim"),
      'claimed by stack "a/b/c"',
    ],
    ["that is joined and that no stack has claimed", "", "no stack has claimed it"],
    [
      "that serves as another node of the same stack",
      feed(claimInput({ ...marker, node: "worker1" }), "claim"),
      'claimed as node "worker1", not "w1"',
    ],
    [
      "that is a control-plane node, though it is ours",
      `${claim}mkdir -p /etc/kubernetes/manifests; touch /etc/kubernetes/manifests/kube-apiserver.yaml\n`,
      "control-plane node",
    ],
  ])("J-10c J-40 D-N24 touches nothing on a host %s", (_, prepare, text) => {
    const { stdout, stderr } = run(
      `${prepare}${joined}find /etc/kubernetes /var/lib > /run/before; ${reset}find /etc/kubernetes /var/lib | cmp - /run/before; ls /run/kubeadm.calls 2>&1`,
    );
    expect(stdout).toContain("status=77\n");
    expect(stdout).toContain("No such file");
    expect(stderr).toContain(text);
  });

  it("removes nothing below a volume that cannot be unmounted", () => {
    const { stdout, stderr } = run(`${claim}${joined}
      mkdir -p /var/lib/kubelet/pods/p/v && mount -t tmpfs tmpfs /var/lib/kubelet/pods/p/v && touch /var/lib/kubelet/pods/p/v/data
      (cd /var/lib/kubelet/pods/p/v && exec sleep 20) & sleep 0.3
      ${reset}ls /var/lib/kubelet/pods/p/v /run/kubeadm.calls 2> /dev/null; kill $!`);
    expect(stdout).toBe("status=0\nstatus=1\n/var/lib/kubelet/pods/p/v:\ndata\n");
    expect(stderr).toContain("still mounted: /var/lib/kubelet/pods/p/v");
  });

  it("keeps the marker when kubeadm fails, and finishes when it is run again", () => {
    const { stdout, stderr } = run(
      `${claim}${joined}touch /run/reset-fails; ${reset}ls /var/lib/nodepools; rm /run/reset-fails; ${reset}ls /var/lib/nodepools`,
    );
    expect(stdout).toBe("status=0\nstatus=1\nowner\nkubeadm reset done\nclean\nstatus=0\n");
    expect(stderr).toContain("cannot stop containers");
  });

  it("changes nothing when its input was cut off", () => {
    const { stdout } = run(
      `${claim}${joined}${feed(`owner=${owner}\ncri_so`, "reset")}ls /run/kubeadm.calls 2>&1`,
    );
    expect(stdout).toContain("status=1\n");
    expect(stdout).toContain("No such file");
  });
});

describe("inspect", () => {
  it("takes the runtime that the kubelet of a joined host uses, though another one is there", () => {
    const { stdout } = run(`
      mkdir -p /run/containerd /run/crio /var/lib/kubelet /var/lib/cni/networks/web /var/lib/cni/results
      touch /var/lib/cni/results/web-1-eth0
      for name in containerd/containerd crio/crio; do
        perl -MSocket -e 'socket my $s, PF_UNIX, SOCK_STREAM, 0; bind $s, sockaddr_un($ARGV[0]) or die' /run/$name.sock
      done
      inspect | grep -E '^(cri_socket|leftover)='; echo ====
      echo 'containerRuntimeEndpoint: "unix:///run/crio/crio.sock"' > /var/lib/kubelet/instance-config.yaml
      inspect | grep ^cri_socket=; echo ====; rm /var/lib/kubelet/instance-config.yaml
      echo 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/crio/crio.sock --pod-infra-container-image=p"' > /var/lib/kubelet/kubeadm-flags.env
      inspect | grep ^cri_socket=`);
    const [containerd, crio] = ["containerd/containerd", "crio/crio"].map(
      (name) => `cri_socket=unix:///run/${name}.sock\n`,
    );
    expect(stdout).toBe(`${containerd}${crio}====\n${crio}====\n${crio}`);
  });

  const sockets = `mkdir -p /run/containerd /run/crio /run/own
      for name in containerd/containerd crio/crio own/own; do
        perl -MSocket -e 'socket my $s, PF_UNIX, SOCK_STREAM, 0; bind $s, sockaddr_un($ARGV[0]) or die' /run/$name.sock
      done\n`;
  const runtimes = "grep -E '^cri_(socket|silent)='\n";

  it("J-C4 J-C11 counts a runtime if crictl says that it serves CRI", () => {
    const crictl =
      "case $2 in */crio.sock) echo RuntimeName: cri-o ;; *) echo unknown service >&2; exit 1 ;; esac\n";
    const { stdout } = runInSandbox(`${sockets}inspect | ${runtimes}`, { ...files, crictl });
    expect(stdout).toBe(
      "cri_silent=unix:///run/containerd/containerd.sock\ncri_socket=unix:///run/crio/crio.sock\n",
    );
  });

  it("J-C4 asks containerd itself where there is no crictl", () => {
    const { crictl: _, ...others } = files;
    const ctr = (status: string) =>
      runInSandbox(`${sockets}rm /run/crio/crio.sock; inspect | ${runtimes}`, {
        ...others,
        ctr: `echo "TYPE ID PLATFORMS STATUS"; echo "io.containerd.grpc.v1 cri linux/amd64 ${status}"\n`,
      }).stdout;
    expect(ctr("ok")).toBe("cri_socket=unix:///run/containerd/containerd.sock\n");
    expect(ctr("error")).toBe("cri_silent=unix:///run/containerd/containerd.sock\n");
  });

  it("J-C11 looks at the declared runtime alone", () => {
    const crictl = "exit 0\n";
    const { stdout } = runInSandbox(
      `${sockets}echo cri_socket=unix:///run/own/own.sock | inspect | ${runtimes}
      echo cri_socket=unix:///run/crio/crio.sock | inspect | grep -E '^(cri|runtime)_'`,
      { ...files, crictl, systemctl: "case $1 in show) echo UnitFileState=disabled ;; *) exit 3 ;; esac\n" },
    );
    expect(stdout).toBe(
      "cri_socket=unix:///run/own/own.sock\ncri_socket=unix:///run/crio/crio.sock\nruntime_disabled=crio.service\n",
    );
  });

  it("J-C6 J-C7 says that the kubelet is off at boot, and which added flag it does not know", () => {
    const kubelet = `for flag in "$@"; do
      case $flag in --network-plugin=*) echo "Error: failed to parse kubelet flag: unknown flag: \${flag%%=*}" >&2; exit 1 ;; esac
    done; echo Kubernetes v1.34.4\n`;
    const systemctl = "case $1 in show) echo UnitFileState=disabled ;; *) exit 3 ;; esac\n";
    const flags = `echo 'KUBELET_EXTRA_ARGS="--v=2 --network-plugin=cni"' > /etc/default/kubelet\n`;
    const { stdout } = runInSandbox(`mkdir -p /etc/default; ${flags}inspect`, {
      ...files,
      kubelet,
      systemctl,
    });
    expect(parseFindings(stdout)).toMatchObject({
      kubeletVersion: "v1.34.4",
      kubeletDisabled: true,
      kubeletComplaint: "unknown flag: --network-plugin in /etc/default/kubelet",
    });
  });

  it("J-C7 asks the kubelet about flags of a drop-in as well, which a file of the same ones wins over", () => {
    const kubelet = `for flag in "$@"; do
      case $flag in --container-runtime=*) echo "Error: failed to parse kubelet flag: unknown flag: --container-runtime" >&2; exit 1 ;; esac
    done; echo Kubernetes v1.34.4\n`;
    const systemctl = `case $* in *Environment*) echo 'Environment=A=1 "KUBELET_EXTRA_ARGS=--v=2 --container-runtime=remote"' ;; *) exit 3 ;; esac\n`;
    const { stdout } = runInSandbox(
      `inspect | grep complaint=; mkdir -p /etc/default
      echo 'KUBELET_EXTRA_ARGS=--v=2' > /etc/default/kubelet; inspect | grep complaint= || echo none`,
      { ...files, kubelet, systemctl },
    );
    expect(stdout).toBe(
      "kubelet_complaint=unknown flag: --container-runtime in the kubelet's unit (systemctl cat kubelet)\nnone\n",
    );
  });

  it.each([
    ["disabled", "", true],
    ["enabled-runtime", "", true],
    ["masked-runtime", "", true],
    ["enabled", "", false],
    ["disabled", "docker.service", false],
    ["masked", "docker.service", true],
    ["static", "", false],
  ])(
    "J-C6 asks whether anything starts runtime and kubelet at boot: %s, wanted by %j",
    (state, wants, off) => {
      const systemctl = `case $1 in show) echo WantedBy=; echo UnitFileState=${state}; echo UpheldBy=${wants} ;; *) exit 3 ;; esac\n`;
      const { stdout } = runInSandbox(`${sockets}rm /run/crio/crio.sock; inspect`, { ...files, systemctl });
      expect(parseFindings(stdout)).toMatchObject({
        kubeletDisabled: off,
        runtimesDisabled: off ? ["containerd.service"] : [],
      });
    },
  );

  it("J-C7 lists what of the kernel is not as a kubelet wants it, as lines for sysctl.d", () => {
    const { stdout } = runInSandbox(
      `echo 1 > /run/one; echo 7 > /run/seven
      mount --bind /run/one /proc/sys/vm/overcommit_memory; mount --bind /run/seven /proc/sys/kernel/panic
      inspect | grep -E 'overcommit|panic=' || true`,
      files,
    );
    expect(stdout).toBe("kernel_setting=kernel.panic=10\n");
  });

  it("J-C18 finds kubeadm in /opt/bin", () => {
    const { kubeadm, ...others } = files;
    const { stdout } = runInSandbox(
      `mount -t tmpfs tmpfs /opt; mkdir /opt/bin; mv "$SANDBOX/hidden" /opt/bin/kubeadm; inspect`,
      { ...others, hidden: kubeadm },
    );
    expect(parseFindings(stdout).kubeadmVersion).toBe("v1.34.4");
  });

  it("J-A17 tells each finding on a line of its own, also after a file without a line break at its end", () => {
    const { stdout } = run(`${claim}${joined}
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 1 -keyout /run/key -out /run/crt 2> /dev/null
      for pair in /run/crt:/etc/kubernetes/pki/ca.crt /var/lib/nodepools/owner:/var/lib/nodepools/owner; do
        text=$(cat "\${pair%%:*}"); printf %s "$text" > "\${pair#*:}"
      done
      inspect`);
    const findings = parseFindings(stdout);
    expect(findings.caHashes).toHaveLength(1);
    expect(findings.marker).toEqual(marker);
  });

  it("finds nothing on a clean host and changes nothing", () => {
    const { stdout } = run(
      `find /etc /var/lib -xdev > /run/before; inspect; find /etc /var/lib -xdev | cmp - /run/before`,
    );
    const findings = parseFindings(stdout);
    expect(findings).toMatchObject({
      kubeadmVersion: "v1.34.4",
      criSockets: [],
      files: [],
      caHashes: [],
      leftovers: [],
      otherDistributions: [],
      kubeletActive: false,
      kubeletPortInUse: false,
      busy: false,
    });
    expect(findings.marker).toBeUndefined();
    expect(Math.abs(findings.clock.getTime() - Date.now())).toBeLessThan(10_000);
  });

  it("finds every trace of a membership, and never prints the node's key", () => {
    const { stdout } = run(`${claim}${joined}
      mkdir -p /var/lib/kubelet/pki /etc/cni/net.d /etc/rancher/k3s /etc/containerd /run/containerd
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /O=system:nodes/CN=system:node:w1 -days 1 -keyout /run/key -out /run/crt 2> /dev/null
      cat /run/crt > /etc/kubernetes/pki/ca.crt
      cat /run/crt /run/key > /var/lib/kubelet/pki/kubelet-client-current.pem
      printf 'clusters:\\n- cluster:\\n    certificate-authority-data: %s\\n    server: https://10.0.0.1:6443\\n' "$(base64 -w0 /run/crt)" > /etc/kubernetes/kubelet.conf
      touch /etc/cni/net.d/05-cilium.conflist
      ip link add cni0 type bridge
      mkdir -p /run/nodepools; exec 9> /run/nodepools/lock; flock 9
      inspect`);
    const findings = parseFindings(stdout);
    expect(stdout).not.toContain("PRIVATE KEY");
    expect(findings).toMatchObject({
      files: ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
      kubeletServer: "https://10.0.0.1:6443",
      nodeCertificate: { nodeName: "w1" },
      otherDistributions: ["k3s (/etc/rancher/k3s)"],
      marker,
      leftovers: [
        "link cni0",
        "/etc/cni/net.d/05-cilium.conflist",
        "/var/lib/kubelet/pki/kubelet-client-current.pem",
      ],
      busy: true,
    });
    expect(findings.caHashes).toHaveLength(1);
  });
});
