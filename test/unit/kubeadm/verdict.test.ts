import { describe, expect, it } from "vitest";
import type { HostFindings } from "../../../components/kubeadm/findings.ts";
import { chooseCriSocket } from "../../../components/kubeadm/requirements.ts";
import { type ClusterFacts, decideVerdict, type KnownNode } from "../../../components/kubeadm/verdict.ts";

const now = new Date("2026-03-01T12:00:00Z");
const owner = "org/project/dev";
const ours = { owner, cluster: "sha256:ours", node: "w1" };
const containerd = "unix:///run/containerd/containerd.sock";
const crio = "unix:///run/crio/crio.sock";

const clean: HostFindings = {
  machineId: "m1",
  hostname: "w1",
  os: "debian 13",
  systemd: true,
  kubeadmVersion: "v1.34.4",
  kubeletVersion: "v1.34.4",
  criSockets: [containerd],
  criPluginDisabled: false,
  kubeletActive: false,
  kubeletPortInUse: false,
  files: [],
  caHashes: [],
  otherDistributions: [],
  swap: false,
  ipForward: true,
  clock: now,
  leftovers: [],
  busy: false,
};

const joined: HostFindings = {
  ...clean,
  kubeletActive: true,
  kubeletPortInUse: true,
  files: ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
  caHashes: ["sha256:ours"],
  kubeletServer: "https://10.0.0.1:6443",
  nodeCertificate: { nodeName: "w1", expires: new Date("2027-01-01T00:00:00Z") },
  leftovers: ["link cni0"],
};

const facts: ClusterFacts = {
  nodeName: "w1",
  owner,
  caHashes: ["sha256:ours", "sha256:next"],
  serverVersion: "v1.34.4",
  now,
};

const node: KnownNode = { machineId: "m1", ready: true, controlPlane: false };

function judge(findings: Partial<HostFindings>, more: Partial<ClusterFacts> = {}, base = clean) {
  return decideVerdict({ ...base, ...findings }, { ...facts, ...more });
}

function reasonsOf(findings: Partial<HostFindings>, more: Partial<ClusterFacts> = {}, base = clean) {
  const verdict = judge(findings, more, base);
  return verdict.kind === "refuse" ? verdict.reasons : [`not refused: ${verdict.kind}`];
}

describe("a host is joined", () => {
  it.each<[string, Partial<HostFindings>, Partial<ClusterFacts>]>([
    ["when it is clean", {}, {}],
    ["when it is clean and claimed by this stack", { marker: ours }, {}],
    ["when it has more than one runtime", { criSockets: [crio, containerd] }, {}],
    ["when its kubelet is up to three minors older", { kubeletVersion: "v1.31.0" }, {}],
    ["when swap is on in a cluster whose kubelets tolerate it", { swap: true }, { swapAllowed: true }],
    ["when its clock is 30 s off", { clock: new Date(now.getTime() + 30_000) }, {}],
    [
      "when docker has switched off the CRI plugin of a containerd that is not used",
      { criPluginDisabled: true, criSockets: [crio] },
      {},
    ],
  ])("%s", (_, findings, more) => {
    expect(judge(findings, more)).toEqual({ kind: "join" });
  });
});

describe("a host is adopted", () => {
  it.each<[string, Partial<HostFindings>, KnownNode]>([
    ["E09 when it was joined by hand", {}, node],
    ["E08 when it was joined by an interrupted run of this stack", { marker: ours }, { ...node, owner }],
    ["when its Node is not Ready at the moment", {}, { ...node, ready: false }],
    ["whatever it lacks for a new join", { kubeadmVersion: "v1.30.0", swap: true }, node],
  ])("%s", (_, findings, known) => {
    expect(judge(findings, { node: known }, joined)).toEqual({ kind: "adopt" });
  });
});

describe("a host is reset and joined", () => {
  it.each<[string, Partial<HostFindings>, Partial<ClusterFacts>, readonly string[]]>([
    [
      "E08 when kubeadm got as far as the bootstrap configuration",
      {
        files: ["/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
        caHashes: ["sha256:ours"],
      },
      {},
      ["/etc/kubernetes/bootstrap-kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
    ],
    [
      "when only the certificate authority is left",
      { files: ["/etc/kubernetes/pki/ca.crt"], caHashes: ["sha256:next"] },
      {},
      ["/etc/kubernetes/pki/ca.crt"],
    ],
    ["when a network plugin's link is left", { leftovers: ["link cni0"] }, {}, ["link cni0"]],
    [
      "when it was reset by hand and its Node is still there",
      {},
      { node },
      ["Node w1 of this machine in the API"],
    ],
    ["E31 when its Node was deleted by hand", joined, {}, [...joined.files, "link cni0"]],
    [
      "when it is ours and registered itself again after its Node had been deleted",
      { ...joined, marker: ours },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
    [
      "when it is ours and its kubelet is stopped, as after an interrupted reset",
      { ...joined, kubeletActive: false, marker: ours },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
    [
      "when it is ours and its certificate has expired",
      { ...joined, nodeCertificate: { nodeName: "w1", expires: now }, marker: ours },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
    [
      "when its kubelet has registered under another name since",
      { ...joined, nodeCertificate: { nodeName: "old", expires: new Date("2027-01-01") } },
      { node },
      [...joined.files, "link cni0", "Node w1 of this machine in the API"],
    ],
  ])("%s", (_, findings, more, found) => {
    expect(judge(findings, more)).toEqual({ kind: "reset-then-join", found });
  });
});

const refusals: [string, Partial<HostFindings>, Partial<ClusterFacts>, readonly string[]][] = [
  [
    "E10 when it is a node of another cluster",
    { ...joined, caHashes: ["sha256:theirs"], kubeletServer: "https://other:6443" },
    {},
    ["another cluster at https://other:6443", "sha256:theirs", "kubeadm reset"],
  ],
  [
    "E10 when it runs k3s",
    { otherDistributions: ["k3s (/etc/rancher/k3s)"] },
    {},
    ["k3s (/etc/rancher/k3s)", "uninstall"],
  ],
  [
    "E10 when it has a control plane's files",
    { files: ["/etc/kubernetes/manifests/kube-apiserver.yaml"], caHashes: ["sha256:ours"] },
    {},
    ["control-plane node (/etc/kubernetes/manifests/kube-apiserver.yaml)", "out of the declaration"],
  ],
  [
    "E10 when its Node is a control plane",
    joined,
    { node: { ...node, controlPlane: true } },
    ["control-plane node (the role of Node w1)"],
  ],
  [
    "E40 when another stack has claimed it",
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
    "E40 when another stack owns its Node",
    joined,
    { node: { ...node, owner: "a/b/c" } },
    ['owned by stack "a/b/c"', "another name"],
  ],
  [
    "E11 when a Node of its name is another machine, even one that is down",
    {},
    { node: { ...node, machineId: "m2", ready: false } },
    ["Node w1 (not Ready) is another machine", "m2", "m1", "kubectl delete node w1"],
  ],
  [
    "E11 when another Node has its machine-id",
    {},
    { otherNodeWithMachineId: "w7" },
    ["Node w7", "m1", "/etc/machine-id"],
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
  ["when containerd has no CRI plugin", { criPluginDisabled: true }, {}, ["disabled_plugins"]],
  [
    "E22 when kubeadm is of another minor",
    { kubeadmVersion: "v1.33.1" },
    {},
    ["kubeadm is v1.33.1", "install kubeadm 1.34"],
  ],
  [
    "E22 when kubelet is newer",
    { kubeletVersion: "v1.35.0" },
    {},
    ["kubelet v1.35.0 is newer", "install kubelet 1.34"],
  ],
  [
    "E22 when kubelet is four minors older",
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
      "a join or reset is at work on the host now: wait until it has ended and run again",
    ]);
  });

  it("E05 for everything that is missing at once", () => {
    const { kubeadmVersion: _, kubeletVersion: __, ...bare } = clean;
    const reasons = reasonsOf({ criSockets: [], swap: true, ipForward: false }, {}, bare);
    expect(reasons.map((reason) => reason.split(":")[0])).toEqual([
      "kubeadm is not installed",
      "kubelet is not installed",
      "no container runtime socket",
      "swap is on and the kubelet would not start",
      "net.ipv4.ip_forward is 0",
    ]);
    expect(reasons.filter((reason) => !reason.endsWith(", or declare the pool's `prepare`"))).toEqual([]);
  });
});

describe("chooseCriSocket", () => {
  it("takes containerd where there are several, and what there is otherwise", () => {
    expect(chooseCriSocket([crio, containerd])).toBe(containerd);
    expect(chooseCriSocket([crio])).toBe(crio);
    expect(chooseCriSocket([])).toBeUndefined();
  });
});
