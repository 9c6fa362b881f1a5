// Finds signs that a host, or the name it is to have, belongs to somebody else. Pure.

import { guardedLabels } from "../model/node-marks.ts";
import { ownerAnnotation } from "../model/owner.ts";
import type { ClusterFacts } from "./cluster-facts.ts";
import type { HostFindings } from "./findings.ts";
import { markerPath } from "./marker.ts";
import { twinReasons } from "./twins.ts";

/** Files of kubeadm that only a control-plane node has. */
export const controlPlaneFiles: readonly string[] = [
  "/etc/kubernetes/admin.conf",
  "/etc/kubernetes/super-admin.conf",
  "/etc/kubernetes/controller-manager.conf",
  "/etc/kubernetes/scheduler.conf",
  "/etc/kubernetes/manifests/kube-apiserver.yaml",
  "/etc/kubernetes/manifests/etcd.yaml",
  "/etc/kubernetes/manifests/kube-controller-manager.yaml",
  "/etc/kubernetes/manifests/kube-scheduler.yaml",
];

/** Returns one reason with its remedy for each sign that the host or its name is not this stack's to take. */
export function foreignTraces(findings: HostFindings, facts: ClusterFacts): string[] {
  return [
    ...otherClusters(findings, facts),
    ...controlPlane(findings, facts),
    ...otherStacks(findings, facts),
    ...otherMachines(findings, facts),
  ];
}

function otherClusters(findings: HostFindings, facts: ClusterFacts): string[] {
  const reasons = findings.otherDistributions.map(
    (trace) =>
      `the host runs ${trace}: uninstall it and delete that folder if it stays, or take the host out of the declaration`,
  );
  const known = findings.caHashes.some((hash) => facts.caHashes.includes(hash));
  if (findings.caHashes.length > 0 && !known) {
    const server = findings.kubeletServer === undefined ? "" : ` at ${findings.kubeletServer}`;
    reasons.push(
      `the host belongs to another cluster${server} (certificate authority ${findings.caHashes.join(", ")}): ` +
        "drain and delete its node there and run `kubeadm reset` on it, or take it out of the declaration",
    );
  }
  if (findings.caHashes.length === 0 && findings.files.includes("/etc/kubernetes/kubelet.conf")) {
    reasons.push(
      "the host has /etc/kubernetes/kubelet.conf, but no certificate authority that tells its cluster: " +
        "run `kubeadm reset` on it, or take it out of the declaration",
    );
  }
  return reasons;
}

function controlPlane(findings: HostFindings, facts: ClusterFacts): string[] {
  const found = findings.files.filter((file) => controlPlaneFiles.includes(file));
  const role = facts.node?.controlPlane === true ? [`the role of Node ${facts.nodeName}`] : [];
  const signs = [...role, ...found];
  return signs.length === 0
    ? []
    : [
        `the host is a control-plane node (${signs.join(", ")}): take it out of the declaration, ` +
          "or remove these files when it is none",
      ];
}

function otherStacks(findings: HostFindings, facts: ClusterFacts): string[] {
  const reasons: string[] = [];
  if (findings.marker !== undefined && findings.marker.owner !== facts.owner) {
    reasons.push(
      `the host is claimed by stack "${findings.marker.owner}" as node "${findings.marker.node}": ` +
        `remove it from that stack first, or delete ${markerPath} on the host when that stack is gone`,
    );
  }
  const owner = facts.node?.owner;
  if (owner !== undefined && owner !== facts.owner) {
    reasons.push(
      `Node ${facts.nodeName} is owned by stack "${owner}": remove it from that stack first, or when that stack is gone run ` +
        `\`kubectl label node ${facts.nodeName} ${guardedLabels.owner}-\` and \`kubectl annotate node ${facts.nodeName} ${ownerAnnotation}-\``,
    );
  }
  return reasons;
}

function otherMachines(findings: HostFindings, facts: ClusterFacts): string[] {
  const reasons: string[] = [];
  if (findings.machineId === "") {
    reasons.push("the host has no machine-id: run `systemd-machine-id-setup` on it and reboot it");
  }
  if (facts.node !== undefined && facts.node.machineId !== findings.machineId) {
    const state = facts.node.ready ? "Ready" : "not Ready";
    reasons.push(
      `Node ${facts.nodeName} (${state}) is another machine: its machine-id is ${facts.node.machineId}, the host's is ${findings.machineId}. ` +
        `Give the host another name, or when that machine is gone run \`kubectl delete node ${facts.nodeName}\``,
    );
  }
  return [...reasons, ...twinReasons(findings, facts)];
}
