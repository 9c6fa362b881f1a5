// What a host must have before kubeadm can join it. Pure.

import type { ClusterFacts } from "./cluster-facts.ts";
import type { HostFindings } from "./findings.ts";
import { controlPlaneFiles } from "./foreign-traces.ts";
import { parseKubernetesVersion } from "./version.ts";

const maxClockSkewSeconds = 30;
const maxKubeletMinorsBehind = 3;
// failCgroupV1 is true from this minor on where nothing is said.
const cgroupV2FromMinor = 35;
const orPrepare = ", or declare the pool's `prepare`";

/** Returns one reason with its remedy for each requirement that a host does not meet. */
export function missingRequirements(findings: HostFindings, facts: ClusterFacts): string[] {
  return [
    ...missingSoftware(findings),
    ...unsuitableVersions(findings, facts.serverVersion),
    ...unsuitableSystem(findings, facts),
    ...unmetDemands(findings, facts),
  ];
}

function missingSoftware(findings: HostFindings): string[] {
  const reasons: string[] = [];
  if (!findings.systemd) {
    reasons.push("systemd does not run the host: kubeadm needs it to run the kubelet");
  }
  if (findings.kubeadmVersion === undefined) {
    reasons.push(
      `kubeadm is not installed: there is none in ${findings.searchPath}; install the package kubeadm of the cluster's minor version${orPrepare}`,
    );
  }
  if (findings.kubeletVersion === undefined) {
    reasons.push(
      `kubelet is not installed: there is none in ${findings.searchPath}; install the package kubelet of the cluster's minor version${orPrepare}`,
    );
  }
  if (findings.kubeletDisabled) {
    reasons.push(
      `the kubelet's unit is disabled or masked, so that the node would be gone after the next boot: run \`systemctl unmask kubelet\` and \`systemctl enable kubelet\`${orPrepare}`,
    );
  }
  for (const unit of findings.runtimesDisabled) {
    reasons.push(
      `nothing starts the container runtime (${unit}) at boot, so that the node would be gone after the next one: run \`systemctl unmask ${unit}\` and \`systemctl enable ${unit}\`${orPrepare}`,
    );
  }
  return [...reasons, ...missingRuntime(findings), ...severalRuntimes(findings)];
}

/** Says why the host has no container runtime that kubeadm could use; empty when it has one. */
export function missingRuntime(findings: HostFindings): string[] {
  if (findings.criSockets.length > 0) return [];
  const [silent] = findings.criSilent;
  if (silent === undefined)
    return [
      `no container runtime socket: install and start containerd or cri-o, name a socket elsewhere as criSocket of the pool or the host${orPrepare}`,
    ];
  return [
    `the runtime at ${findings.criSilent.join(" and ")} does not serve CRI, which the kubelet needs: take cri (io.containerd.grpc.v1.cri) out of disabled_plugins in /etc/containerd/config.toml and restart containerd, or install cri-o or cri-dockerd${orPrepare}`,
  ];
}

/** Which of several the kubelet is to use is the declaration's to say. */
function severalRuntimes({ criSockets }: HostFindings): string[] {
  if (criSockets.length < 2) return [];
  return [
    `${criSockets.length} container runtimes serve CRI (${criSockets.join(", ")}): name the one that the kubelet is to use as criSocket, of the pool or the host`,
  ];
}

/** Compares what the cluster's kubelet configuration and the host's own flags ask for with what the host is. */
function unmetDemands(findings: HostFindings, { demands = {} }: ClusterFacts): string[] {
  const reasons: string[] = [];
  if (findings.kubeletComplaint !== undefined) {
    reasons.push(`the kubelet would not start: ${findings.kubeletComplaint}. Take it out there`);
  }
  if (demands.missingResolvConf !== undefined) {
    reasons.push(
      `no pod would start: the cluster's kubelet configuration has resolvConf: ${demands.missingResolvConf}, and the host has no such file. Start systemd-resolved there, or take resolvConf out of ConfigMap kube-system/kubelet-config`,
    );
  }
  if (demands.protectKernelDefaults && findings.kernelSettings.length > 0) {
    reasons.push(
      `the kubelet would not start: the cluster's kubelet configuration has protectKernelDefaults, and settings of the kernel are not as it wants them: write ${findings.kernelSettings.join(", ")} to a file of /etc/sysctl.d, one a line, and run \`sysctl --system\``,
    );
  }
  const kubelet = parseKubernetesVersion(findings.kubeletVersion ?? "");
  const failsOnV1 = demands.failCgroupV1 ?? (kubelet !== undefined && kubelet.minor >= cgroupV2FromMinor);
  if (failsOnV1 && !findings.cgroupV2) {
    reasons.push(
      "the kubelet would not start: the host has cgroup v1 (failCgroupV1). Boot it with systemd.unified_cgroup_hierarchy=1, or set failCgroupV1: false in ConfigMap kube-system/kubelet-config",
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

/** Returns the socket that kubeadm and kubelet are to use: the former one where it still serves. */
export function chooseCriSocket(sockets: readonly string[], former = ""): string | undefined {
  return sockets.includes(former) ? former : sockets[0];
}
