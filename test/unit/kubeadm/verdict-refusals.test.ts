// Which hosts are refused, and with what words.
import { describe, expect, it } from "vitest";
import type { HostFindings } from "../../../components/kubeadm/findings.ts";
import type { ClusterFacts } from "../../../components/kubeadm/verdict.ts";
import { clean, containerd, crio, joined, node, now, ours, reasonsOf } from "./found-hosts.ts";

/** A Node whose kubelet reports this host's machine-id. */
const liar = { name: "w9", isEnrolled: false };

const refusals: [string, Partial<HostFindings>, Partial<ClusterFacts>, readonly string[]][] = [
  [
    "J-10a when it is a node of another cluster",
    { ...joined, caHashes: ["sha256:theirs"], kubeletServer: "https://other:6443" },
    {},
    ["another cluster at https://other:6443", "sha256:theirs", "kubeadm reset"],
  ],
  [
    "J-10b when it runs k3s",
    { otherDistributions: ["k3s (/etc/rancher/k3s)"] },
    {},
    ["k3s (/etc/rancher/k3s)", "uninstall"],
  ],
  [
    "J-10c when it has a control plane's files",
    { files: ["/etc/kubernetes/manifests/kube-apiserver.yaml"], caHashes: ["sha256:ours"] },
    {},
    ["control-plane node (/etc/kubernetes/manifests/kube-apiserver.yaml)", "out of the declaration"],
  ],
  [
    "J-10c D-N24 when its Node is a control plane",
    joined,
    { node: { ...node, controlPlane: true } },
    ["control-plane node (the role of Node w1)"],
  ],
  [
    "J-40 when another stack has claimed it",
    { marker: { ...ours, owner: "org/project/prod" } },
    {},
    ['claimed by stack "org/project/prod"', "/var/lib/nodepools/owner"],
  ],
  [
    "when its marker is damaged",
    { marker: { owner: "", cluster: "", node: "" } },
    {},
    ['claimed by stack ""'],
  ],
  [
    "J-40 when another stack owns its Node",
    joined,
    { node: { ...node, owner: "a/b/c" } },
    ['owned by stack "a/b/c"', "`kubectl annotate node w1 nodepools.local/owner-`"],
  ],
  [
    "J-11a D-N20 when a Node of its name is another machine, even one that is down",
    {},
    { node: { ...node, machineId: "m2", ready: false } },
    ["Node w1 (not Ready) is another machine", "m2", "m1", "kubectl delete node w1"],
  ],
  [
    "J-11b when a host of this stack has its machine-id",
    {},
    { twins: [liar, { name: "w7", isEnrolled: true }] },
    ['host "w7"', "m1", "/etc/machine-id"],
  ],
  [
    "H3 when its own certificate is that of another Node that has its machine-id, whatever its marker says",
    { ...joined, marker: ours, nodeCertificate: { nodeName: "w7", expires: now } },
    { twins: [liar, { name: "w7", isEnrolled: false }] },
    ["certificate is that of Node w7", "declare it under that name"],
  ],
  [
    "H3 when it is claimed under the name of another Node that has its machine-id",
    { marker: { ...ours, node: "w7" } },
    { twins: [liar, { name: "w7", isEnrolled: false }] },
    ["claimed as node w7", "declare it under that name"],
  ],
  [
    "H3 when another Node has its machine-id and nothing on it tells whose kubelet.conf it has",
    { files: ["/etc/kubernetes/kubelet.conf"], caHashes: ["sha256:ours"] },
    { twins: [liar] },
    ["Node w9", "m1", "/etc/kubernetes/kubelet.conf", "kubeadm reset"],
  ],
  ["when it has no machine-id", { machineId: "" }, {}, ["systemd-machine-id-setup"]],
  [
    "when its kubelet.conf tells no cluster",
    { files: ["/etc/kubernetes/kubelet.conf"] },
    {},
    ["no certificate authority that tells its cluster"],
  ],
  [
    "when it is a node joined by hand whose kubelet was stopped",
    { ...joined, kubeletActive: false },
    { node },
    ["kubelet is stopped", "systemctl start kubelet"],
  ],
  [
    "when it is a node joined by hand whose certificate has expired",
    { ...joined, nodeCertificate: { nodeName: "w1", expires: now } },
    { node },
    ["certificate has expired", "kubeadm reset"],
  ],
  [
    "when it has static pods of its own",
    { files: ["/etc/kubernetes/manifests/haproxy.yaml"] },
    {},
    ["/etc/kubernetes/manifests/haproxy.yaml", "put them back"],
  ],
  ["when something else listens on the kubelet's port", { kubeletPortInUse: true }, {}, ["port 10250"]],
  ["when systemd does not run", { systemd: false }, {}, ["systemd"]],
  ["when there is no runtime", { criSockets: [] }, {}, ["containerd or cri-o"]],
  [
    "J-C4 when its runtime does not serve CRI",
    { criSockets: [], criSilent: [containerd] },
    {},
    [`the runtime at ${containerd} does not serve CRI`, "disabled_plugins"],
  ],
  [
    "J-C11 when two runtimes serve CRI",
    { criSockets: [containerd, crio] },
    {},
    [`2 container runtimes serve CRI (${containerd}, ${crio})`, "criSocket"],
  ],
  ["J-C6 when the kubelet is not on at boot", { kubeletDisabled: true }, {}, ["`systemctl enable kubelet`"]],
  [
    "J-C6 when nothing starts its runtime at boot",
    { runtimesDisabled: ["containerd.service"] },
    {},
    ["the container runtime (containerd.service)", "`systemctl enable containerd.service`"],
  ],
  [
    "J-C7 when the kubelet may not set the kernel's values and they are others",
    { kernelSettings: ["vm.overcommit_memory=1", "kernel.panic=10"] },
    { demands: { protectKernelDefaults: true } },
    ["protectKernelDefaults", "write vm.overcommit_memory=1, kernel.panic=10 to a file of /etc/sysctl.d"],
  ],
  [
    "J-C7 when the kubelet does not know a flag that the host adds",
    { kubeletComplaint: "unknown flag: --network-plugin in /etc/default/kubelet" },
    {},
    ["the kubelet would not start: unknown flag: --network-plugin in /etc/default/kubelet"],
  ],
  [
    "J-C7 when the kubelet configuration's resolvConf is not there",
    {},
    { demands: { missingResolvConf: "/run/systemd/resolve/resolv.conf" } },
    ["resolvConf: /run/systemd/resolve/resolv.conf", "systemd-resolved"],
  ],
  [
    "J-C7 when it has cgroup v1 and the kubelet configuration wants v2",
    { cgroupV2: false },
    { demands: { failCgroupV1: true } },
    ["cgroup v1 (failCgroupV1)"],
  ],
  [
    "J-22 when kubeadm is of another minor",
    { kubeadmVersion: "v1.33.1" },
    {},
    ["kubeadm is v1.33.1", "install kubeadm 1.34"],
  ],
  [
    "J-22 when kubelet is newer",
    { kubeletVersion: "v1.35.0" },
    {},
    ["kubelet v1.35.0 is newer", "install kubelet 1.34"],
  ],
  [
    "J-22 when kubelet is four minors older",
    { kubeletVersion: "v1.30.0" },
    {},
    ["more than 3 minor versions older"],
  ],
  [
    "when its clock is 31 s behind",
    { clock: new Date(now.getTime() - 31_000) },
    {},
    ["31 s behind", "chrony"],
  ],
  ["when the API server's version cannot be read", {}, { serverVersion: "unknown" }, ['"unknown"']],
];

describe("a host is refused, with what was found and the remedy", () => {
  it.each(refusals)("%s", (_, findings, more, texts) => {
    const reasons = reasonsOf(findings, more);
    expect(reasons).toHaveLength(1);
    for (const text of texts) expect(reasons[0]).toContain(text);
  });

  it("while a join or reset is at work on it, whatever else was found", () => {
    expect(reasonsOf({ busy: true, swap: true })).toEqual([
      "another join or reset is running on the host: wait until it has ended and run again",
    ]);
  });

  it("J-05 J-C18 for everything that is missing at once, with where programs were looked for", () => {
    const { kubeadmVersion: _, kubeletVersion: __, ...bare } = clean;
    const reasons = reasonsOf({ criSockets: [], swap: true, ipForward: false }, {}, bare);
    expect(reasons.map((reason) => reason.split(":")[0])).toEqual([
      "kubeadm is not installed",
      "kubelet is not installed",
      "no container runtime socket",
      "swap is on and the kubelet would not start",
      "net.ipv4.ip_forward is 0",
    ]);
    expect(reasons[0]).toContain("there is none in /usr/bin:/opt/bin");
    expect(reasons.filter((reason) => !reason.endsWith(", or declare the pool's `prepare`"))).toEqual([]);
  });

  it("J-10a J-05 for whose it is and for what it lacks at once", () => {
    const reasons = reasonsOf({ ...joined, caHashes: ["sha256:theirs"], swap: true });
    expect(reasons.map((reason) => reason.split(/ at |:/)[0])).toEqual([
      "the host belongs to another cluster",
      "swap is on and the kubelet would not start",
    ]);
  });
});
