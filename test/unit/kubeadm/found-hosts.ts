// What the tests of the verdict find on hosts and in the cluster, and how they ask for it.
import type { HostFindings } from "../../../components/kubeadm/findings.ts";
import { type ClusterFacts, decideVerdict, type KnownNode } from "../../../components/kubeadm/verdict.ts";

export const now = new Date("2026-03-01T12:00:00Z");
export const owner = "org/project/dev";
export const ours = { owner, cluster: "sha256:ours", node: "w1" };
export const containerd = "unix:///run/containerd/containerd.sock";
export const crio = "unix:///run/crio/crio.sock";

export const clean: HostFindings = {
  machineId: "m1",
  hostname: "w1",
  os: "debian 13",
  systemd: true,
  kubeadmVersion: "v1.34.4",
  kubeletVersion: "v1.34.4",
  criSockets: [containerd],
  criSilent: [],
  kubeletDisabled: false,
  runtimesDisabled: [],
  kernelSettings: [],
  searchPath: "/usr/bin:/opt/bin",
  cgroupV2: true,
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

export const joined: HostFindings = {
  ...clean,
  kubeletActive: true,
  kubeletPortInUse: true,
  files: ["/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt"],
  caHashes: ["sha256:ours"],
  kubeletServer: "https://10.0.0.1:6443",
  nodeCertificate: { nodeName: "w1", expires: new Date("2027-01-01T00:00:00Z") },
  leftovers: ["link cni0"],
};

export const facts: ClusterFacts = {
  nodeName: "w1",
  owner,
  caHashes: ["sha256:ours", "sha256:next"],
  serverVersion: "v1.34.4",
  now,
};

export const node: KnownNode = { machineId: "m1", ready: true, controlPlane: false };

export function judge(findings: Partial<HostFindings>, more: Partial<ClusterFacts> = {}, base = clean) {
  return decideVerdict({ ...base, ...findings }, { ...facts, ...more });
}

export function reasonsOf(findings: Partial<HostFindings>, more: Partial<ClusterFacts> = {}, base = clean) {
  const verdict = judge(findings, more, base);
  return verdict.kind === "refuse" ? verdict.reasons : [`not refused: ${verdict.kind}`];
}
