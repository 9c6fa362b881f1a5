// claim, join, reset and inspect in a sandboxed host, with stand-ins only for kubeadm and systemd.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseFindings } from "../../../components/kubeadm/findings.ts";
import {
  endOfConfiguration,
  renderJoinConfiguration,
} from "../../../components/kubeadm/join-configuration.ts";
import { claimInput, resetInput } from "../../../components/kubeadm/marker.ts";
import { loadHostScripts } from "../../../components/kubeadm/scripts.ts";
import { runInSandbox } from "../../support/host-sandbox.ts";

const owner = "org/project/stack";
const marker = { owner, cluster: "sha256:aa", node: "w1" };

/** kubeadm writes what it was called with to /run/kubeadm.calls, and does what the worker's phases do to files. */
const kubeadm = `echo "$@" >> /run/kubeadm.calls
case $1 in
  version) echo v1.34.4 ;;
  join) cat "$3" cluster.conf > /run/kubeadm.config; ls -l "$3" cluster.conf | cut -c1-10 >> /run/kubeadm.calls
    if [ -e /run/join-fails ]; then echo "[ERROR CRI]: no runtime" >&2; exit 1; fi
    sleep "\${JOIN_SECONDS:-0}"
    mkdir -p /etc/kubernetes; touch /etc/kubernetes/kubelet.conf ;;
  reset) if [ -e /run/reset-fails ]; then echo "cannot stop containers" >&2; exit 1; fi
    rm -f /etc/kubernetes/kubelet.conf ;;
esac
`;

const files = { ...loadHostScripts(), kubeadm, systemctl: "exit 3\n", journalctl: "exit 0\n" };

const feed = (text: string, command: string): string =>
  `printf '%s' '${text}' | ${command}; echo "status=$?"\n`;
const configuration = `kind: JoinConfiguration\n---\nkind: Config\n${endOfConfiguration}\n`;
const joinArgs = {
  kubeadmVersion: "v1.34.4",
  nodeName: "w1",
  server: "https://10.0.0.1:6443",
  caBundle: "PEM",
  criSocket: "unix:///run/containerd/containerd.sock",
  taints: [],
  labels: {},
};
const claim = feed(claimInput(marker), "claim");
const reset = feed(resetInput(marker, "unix:///run/containerd/containerd.sock"), "reset");
const joined = `mkdir -p /etc/kubernetes/pki; touch /etc/kubernetes/kubelet.conf /etc/kubernetes/pki/ca.crt\n`;

const run = (program: string) => runInSandbox(program, files);

it("all scripts pass shellcheck", () => {
  for (const text of Object.values(loadHostScripts())) {
    execFileSync("shellcheck", ["--shell=sh", "-"], { input: text });
  }
});

it("the join script is short enough for an error message that quotes it", () => {
  expect(loadHostScripts().join.split("\n").length).toBeLessThanOrEqual(28);
});

describe("claim", () => {
  it("writes the marker, and again for the same stack", () => {
    const { stdout } = run(`${claim}${claim}cat /var/lib/nodepools/owner; ls /var/lib/nodepools`);
    expect(stdout).toBe(`status=0\nstatus=0\nowner=${owner}\ncluster=sha256:aa\nnode=w1\nowner\n`);
  });

  it("refuses a host of another stack, and takes it over only when that stack is named as the former", () => {
    const other = { ...marker, owner: "org/project/renamed" };
    const { stdout, stderr } = run(
      `${claim}${feed(claimInput(other), "claim")}${feed(claimInput(other, owner), "claim")}head -n 1 /var/lib/nodepools/owner`,
    );
    expect(stdout).toBe("status=0\nstatus=77\nstatus=0\nowner=org/project/renamed\n");
    expect(stderr).toContain(`this host is claimed by stack "${owner}"`);
  });

  it("refuses a joined host under another name of the same stack, and allows it before the join", () => {
    const renamed = feed(claimInput({ ...marker, node: "worker1" }), "claim");
    const { stdout, stderr } = run(`${claim}${joined}${renamed}rm -r /etc/kubernetes; ${renamed}`);
    expect(stdout).toBe("status=0\nstatus=77\nstatus=0\n");
    expect(stderr).toContain('this host serves as node "w1" of this stack');
  });

  it("has the marker on the disk before it ends: contents first, then the name", () => {
    const sync = 'echo "$@: $(ls /var/lib/nodepools)" >> /run/sync.calls\n';
    const { stdout } = runInSandbox(`${claim}cat /run/sync.calls`, { ...files, sync });
    expect(stdout).toBe("status=0\n/var/lib/nodepools/owner.new: owner.new\n/var/lib/nodepools: owner\n");
  });

  it("changes nothing when its input was cut off", () => {
    const { stdout } = run(`${feed(claimInput(marker).slice(0, -1), "claim")}ls /var/lib`);
    expect(stdout).toBe("status=65\n");
  });
});

describe("join", () => {
  it("hands both documents to kubeadm in files that nobody else can read, and leaves none", () => {
    const { stdout } = run(
      `${feed(configuration, "join")}cat /run/kubeadm.config /run/kubeadm.calls; ls -d /run/nodepools*`,
    );
    expect(stdout).toMatch(
      /^joined\nstatus=0\nkind: JoinConfiguration\nkind: Config\n# end of join configuration\njoin --config \/run\/nodepools-join\.\w+\/join\.yaml\n-rw-------\n-rw-------\n\/run\/nodepools\.lock\n$/,
    );
  });

  it.each([
    ["E08 does nothing on a joined host, whatever it is given", configuration],
    ["E09 does nothing on an adopted host, which is given nothing", ""],
  ])("%s", (_, stdin) => {
    const { stdout } = run(`${joined}${feed(stdin, "join")}ls /run/kubeadm.calls 2>&1`);
    expect(stdout).toContain("this host is joined already\nstatus=0\n");
    expect(stdout).toContain("No such file");
  });

  it.each([
    ["was cut off by a lost session", configuration.slice(0, 30)],
    ["is empty", ""],
  ])("E08 joins nothing and leaves no file when the configuration %s", (_, stdin) => {
    const { stdout, stderr } = run(`${feed(stdin, "join")}ls -d /run/nodepools* /run/kubeadm.calls`);
    expect(stdout).toBe("status=65\n/run/nodepools.lock\n");
    expect(stderr).toContain("no complete join configuration arrived");
  });

  it("shows kubeadm's last lines when it fails, and leaves no file", () => {
    const { stdout, stderr } = run(
      `touch /run/join-fails; ${feed(configuration, "join")}ls -d /run/nodepools*`,
    );
    expect(stdout).toBe("status=1\n/run/nodepools.lock\n");
    expect(stderr).toBe("[ERROR CRI]: no runtime\n");
  });

  it.each(["abc123.0123456789abcdef", "123456.0123456789012345"])(
    "14 names the request that waits for approval when the kubelet runs without a certificate: %s",
    (token) => {
      const args = { ...joinArgs, token };
      const { stderr } = runInSandbox(
        `touch /run/join-fails; ${feed(renderJoinConfiguration(args), "join")}`,
        {
          ...files,
          systemctl: "exit 0\n",
        },
      );
      expect(stderr).toMatch(/^the kubelet runs, but has no certificate\. .*kubectl get csr/m);
      expect(stderr).toContain(`of system:bootstrap:${token.slice(0, 6)} Pending?`);
      expect(stderr).not.toContain(token.slice(7));
    },
  );

  it("E08 waits for a join that outlived its session, and then finds the host joined", () => {
    const { stdout } = run(
      `printf '%s' '${configuration}' | JOIN_SECONDS=2 join > /run/first & sleep 0.5; ${feed(configuration, "join")}grep -c join /run/kubeadm.calls`,
    );
    expect(stdout).toContain("this host is joined already\nstatus=0\n1\n");
  });

  it("removes the configuration when it is ended by a signal", () => {
    const { stdout } = run(
      `mkfifo /run/in; join < /run/in & sleep 0.2; exec 8> /run/in; echo partial >&8; sleep 0.3; kill -TERM $!; exec 8>&-; wait $!; echo "status=$?"; ls -d /run/nodepools*`,
    );
    expect(stdout).toContain("status=143\n");
    expect(stdout).not.toContain("nodepools-join");
  });
});

describe("reset", () => {
  it("E26 leaves nothing of the membership and what others own", () => {
    const { stdout } = run(`${claim}${joined}
      mkdir -p /var/lib/kubelet/pki /var/lib/cni/networks/lab0 /var/lib/cni/networks/podman /etc/cni/net.d
      touch /var/lib/kubelet/config.yaml /var/lib/kubelet/pki/kubelet-client-current.pem /etc/kubernetes/mine.yaml
      touch /etc/cni/net.d/10-calico.conflist /etc/cni/net.d/10-lab.conflist
      mkdir -p /var/lib/kubelet/pods/p/volumes/v && mount -t tmpfs tmpfs /var/lib/kubelet/pods/p/volumes/v
      ip link add cni0 type bridge
      ${reset}cat /run/kubeadm.calls; find /etc/kubernetes /etc/cni /var/lib/kubelet /var/lib/cni /var/lib/nodepools -not -type d; ls /var/lib/cni/networks; grep kubelet /proc/mounts`);
    expect(stdout).toBe(
      "status=0\nkubeadm reset done\ndeleted link cni0\nclean\nstatus=0\n" +
        "reset -f --cri-socket unix:///run/containerd/containerd.sock\n" +
        "/etc/kubernetes/mine.yaml\n/etc/cni/net.d/10-lab.conflist\npodman\n",
    );
  });

  it("E31 is done at once on a host that was reset before", () => {
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
  ])("E10 touches nothing on a host %s", (_, prepare, text) => {
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
      echo 'disabled_plugins = ["cri"]' > /etc/containerd/config.toml
      touch /etc/cni/net.d/05-cilium.conflist
      ip link add cni0 type bridge
      exec 9> /run/nodepools.lock; flock 9
      inspect`);
    const findings = parseFindings(stdout);
    expect(stdout).not.toContain("PRIVATE KEY");
    expect(findings).toMatchObject({
      files: ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
      kubeletServer: "https://10.0.0.1:6443",
      nodeCertificate: { nodeName: "w1" },
      otherDistributions: ["k3s (/etc/rancher/k3s)"],
      criPluginDisabled: true,
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
