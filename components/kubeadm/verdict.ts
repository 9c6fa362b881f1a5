// Decides what may be done with a host that is to become a node. Pure.

import type { ClusterFacts } from "./cluster-facts.ts";
import type { HostFindings } from "./findings.ts";
import { foreignTraces } from "./foreign-traces.ts";
import { missingRequirements, missingRuntime } from "./requirements.ts";

export type { ClusterFacts, KnownNode } from "./cluster-facts.ts";

/** What may be done with a host. */
export type Verdict =
  /** Nothing of a cluster is on the host: join. */
  | { readonly kind: "join" }
  /** The host is this very node, in service: keep it as it is. */
  | { readonly kind: "adopt" }
  /** Remains of a membership in this cluster: claim, reset (which takes the claim away), delete a Node of that name, claim again, join. */
  | { readonly kind: "reset-then-join"; readonly found: readonly string[] }
  /** Change nothing; every reason names what was found and the remedy. */
  | { readonly kind: "refuse"; readonly reasons: readonly string[] };

/** Judges a host; a refusal names all reasons at once. */
export function decideVerdict(findings: HostFindings, facts: ClusterFacts): Verdict {
  if (findings.busy) {
    return refuse(["another join or reset is running on the host: wait until it has ended and run again"]);
  }
  const foreign = foreignTraces(findings, facts);
  if (foreign.length === 0 && isWorkingNode(findings, facts) && !isBackUnasked(findings, facts)) {
    // Whoever adopts a node must be able to reset it one day.
    return findings.criSockets.length > 0 ? { kind: "adopt" } : refuse(missingRuntime(findings));
  }
  const found = remains(findings, facts);
  const reasons = [
    ...foreign,
    ...(foreign.length === 0 ? stoppedByHand(findings, facts) : []),
    ...missingRequirements(findings, facts),
  ];
  if (reasons.length > 0) {
    return refuse(reasons);
  }
  return found.length > 0 ? { kind: "reset-then-join", found } : { kind: "join" };
}

function refuse(reasons: readonly string[]): Verdict {
  return { kind: "refuse", reasons };
}

function has(findings: HostFindings, file: string): boolean {
  return findings.files.includes(file);
}

const kubeletConf = "/etc/kubernetes/kubelet.conf";

/** The host registered as the declared node, and that Node still is this machine. */
function isMember(findings: HostFindings, facts: ClusterFacts): boolean {
  return (
    has(findings, kubeletConf) &&
    facts.node?.machineId === findings.machineId &&
    findings.caHashes.some((hash) => facts.caHashes.includes(hash)) &&
    (findings.nodeCertificate === undefined || findings.nodeCertificate.nodeName === facts.nodeName)
  );
}

function isWorkingNode(findings: HostFindings, facts: ClusterFacts): boolean {
  const expires = findings.nodeCertificate?.expires;
  const expired = expires !== undefined && expires <= facts.now;
  return isMember(findings, facts) && findings.kubeletActive && !expired;
}

/**
 * This stack's host registered itself again after its Node had been deleted, as that of a lost machine is: a Node that
 * this stack has settled carries its stamp.
 */
function isBackUnasked({ marker }: HostFindings, { node, nodeName, owner }: ClusterFacts): boolean {
  return (
    marker?.owner === owner && marker.node === nodeName && node !== undefined && node.owner === undefined
  );
}

/** A member that is not ours and does not work was stopped by somebody: a reset would end its pods. */
function stoppedByHand(findings: HostFindings, facts: ClusterFacts): string[] {
  if (!isMember(findings, facts) || isWorkingNode(findings, facts) || findings.marker !== undefined) {
    return [];
  }
  return [
    findings.kubeletActive
      ? "the host is this node, but its client certificate has expired: renew it, or run `kubeadm reset` on the host to have it joined anew"
      : "the host is this node, but its kubelet is stopped: run `systemctl start kubelet` to have it adopted, or `kubeadm reset` to have it joined anew",
  ];
}

function remains(findings: HostFindings, facts: ClusterFacts): string[] {
  const node = facts.node === undefined ? [] : [`Node ${facts.nodeName} of this machine in the API`];
  return [...findings.files, ...findings.leftovers, ...node];
}
