// What a host must have before kubeadm can join it. Pure.

import type { ClusterFacts } from "./cluster-facts.ts";
import type { HostFindings } from "./findings.ts";
import { controlPlaneFiles } from "./foreign-traces.ts";
import { parseKubernetesVersion } from "./version.ts";

const maxClockSkewSeconds = 30;
const maxKubeletMinorsBehind = 3;
const orPrepare = ", or declare the pool's `prepare`";

/** Returns one reason with its remedy for each requirement that a host does not meet. */
export function missingRequirements(findings: HostFindings, facts: ClusterFacts): string[] {
  return [
    ...missingSoftware(findings),
    ...unsuitableVersions(findings, facts.serverVersion),
    ...unsuitableSystem(findings, facts),
  ];
}

function missingSoftware(findings: HostFindings): string[] {
  const reasons: string[] = [];
  if (!findings.systemd) {
    reasons.push("systemd does not run the host: kubeadm needs it to run the kubelet");
  }
  if (findings.kubeadmVersion === undefined) {
    reasons.push(
      `kubeadm is not installed: install the package kubeadm of the cluster's minor version${orPrepare}`,
    );
  }
  if (findings.kubeletVersion === undefined) {
    reasons.push(
      `kubelet is not installed: install the package kubelet of the cluster's minor version${orPrepare}`,
    );
  }
  return [...reasons, ...missingRuntime(findings)];
}

/** Says why the host has no container runtime that kubeadm could use; empty when it has one. */
export function missingRuntime(findings: HostFindings): string[] {
  const reasons: string[] = [];
  if (findings.criSockets.length === 0) {
    reasons.push(`no container runtime socket: install and start containerd or cri-o${orPrepare}`);
  }
  if (findings.criPluginDisabled && chooseCriSocket(findings.criSockets)?.includes("containerd") === true) {
    reasons.push(
      "containerd runs without its CRI plugin: take cri out of disabled_plugins in /etc/containerd/config.toml and restart containerd",
    );
  }
  return reasons;
}

function unsuitableVersions(findings: HostFindings, serverVersion: string): string[] {
  const server = parseKubernetesVersion(serverVersion);
  if (server === undefined) {
    return [`the API server's version "${serverVersion}" is not of the form v1.2.3`];
  }
  const reasons: string[] = [];
  const kubeadm = parseKubernetesVersion(findings.kubeadmVersion ?? "");
  const kubelet = parseKubernetesVersion(findings.kubeletVersion ?? "");
  // kubeadm joins only a cluster of its own minor (kubernetes.io, "kubeadm's skew against kubeadm").
  if (kubeadm !== undefined && kubeadm.minor !== server.minor) {
    reasons.push(
      `kubeadm is ${findings.kubeadmVersion}, the API server ${serverVersion}: install kubeadm 1.${server.minor}`,
    );
  }
  if (kubelet !== undefined && kubelet.minor > server.minor) {
    reasons.push(
      `kubelet ${findings.kubeletVersion} is newer than the API server ${serverVersion}: install kubelet 1.${server.minor}`,
    );
  }
  if (kubelet !== undefined && server.minor - kubelet.minor > maxKubeletMinorsBehind) {
    reasons.push(
      `kubelet ${findings.kubeletVersion} is more than ${maxKubeletMinorsBehind} minor versions older than the API server ${serverVersion}: install kubelet 1.${server.minor}`,
    );
  }
  return reasons;
}

function unsuitableSystem(findings: HostFindings, facts: ClusterFacts): string[] {
  const reasons: string[] = [];
  if (findings.swap && facts.swapAllowed !== true) {
    reasons.push(
      `swap is on and the kubelet would not start: run \`swapoff -a\` and take swap out of /etc/fstab${orPrepare}`,
    );
  }
  if (!findings.ipForward) {
    reasons.push(
      `net.ipv4.ip_forward is 0: set it to 1 in a file of /etc/sysctl.d and run \`sysctl --system\`${orPrepare}`,
    );
  }
  const skew = Math.round((findings.clock.getTime() - facts.now.getTime()) / 1000);
  if (Math.abs(skew) > maxClockSkewSeconds) {
    reasons.push(
      `the host's clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} the one of the machine that runs Pulumi: set up time synchronisation, such as chrony, on the one that is wrong`,
    );
  }
  const manifests = findings.files.filter(
    (file) => file.startsWith("/etc/kubernetes/manifests/") && !controlPlaneFiles.includes(file),
  );
  if (manifests.length > 0) {
    reasons.push(
      `kubeadm joins only with an empty /etc/kubernetes/manifests, found ${manifests.join(", ")}: move them away and put them back after the join`,
    );
  }
  const joined = findings.files.length > 0 || findings.kubeletActive;
  if (findings.kubeletPortInUse && !joined) {
    reasons.push("port 10250 is in use, and not by a kubelet of this host: stop what listens there");
  }
  return reasons;
}

/** Returns the socket that kubeadm and kubelet are to use: containerd's where there are several. */
export function chooseCriSocket(sockets: readonly string[]): string | undefined {
  return sockets.find((socket) => socket.endsWith("/containerd.sock")) ?? sockets[0];
}
