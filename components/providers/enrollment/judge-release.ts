// What may be done with a host whose enrollment ends: the last question before a reset. Pure.
import type { Node } from "../../kube/api.ts";
import type { HostFindings } from "../../kubeadm/findings.ts";
import { waysOutOfAGoneHost } from "../host.ts";
import { identify, nodeNamed, otherNodeOf } from "../identity.ts";
import type { EnrollmentOutputs } from "./state.ts";

/** What may be done with a host that is to be released. */
export type ReleaseJudgement =
  /** It is the machine that joined under this enrollment, or nothing of a node is on it any more. */
  | { readonly kind: "reset" }
  /** It is in someone else's service: leave the host alone, only this enrollment's own Node goes. */
  | { readonly kind: "leave"; readonly reason: string }
  /** Something is wrong that a reset would make worse. */
  | { readonly kind: "refuse"; readonly reason: string };

/**
 * Judges a host by machine, cluster, marker and Nodes:
 * - another join or reset is running on it: refused
 * - another machine at the address: refused
 * - joined to a cluster that is not the kubeconfig's: refused
 * - a Node of the enrollment's name and machine with another stack's stamp: refused
 * - claimed by this stack under another name, or the machine of another Node: left alone
 * - else: reset.
 */
export function judgeRelease(
  enrolled: EnrollmentOutputs,
  findings: HostFindings,
  nodes: readonly Node[],
  trustedCaHashes: readonly string[],
): ReleaseJudgement {
  if (findings.busy) {
    return refuse(
      "another join or reset is still running on the host: wait until it has ended and run again; if it never does, reboot the host",
    );
  }
  if (findings.machineId !== enrolled.machineId) {
    return refuse(
      `another machine answers at ${enrolled.host.address} (machine-id ${findings.machineId}, joined was ${enrolled.machineId}). ${waysOutOfAGoneHost(enrolled)}`,
    );
  }
  const isElsewhere =
    findings.caHashes.length > 0 && !findings.caHashes.some((hash) => trustedCaHashes.includes(hash));
  if (isElsewhere) {
    return refuse(
      `the host is joined to another cluster than the kubeconfig's (its CA is ${findings.caHashes.join(", ")}): check nodepools:cluster`,
    );
  }
  const named = nodeNamed(nodes, enrolled.node);
  const isSameMachine = named?.status?.nodeInfo?.machineID === enrolled.machineId;
  const identity = identify(isSameMachine ? named : undefined, enrolled);
  if (identity.kind === "foreign") return refuse(`its Node is not ours: ${identity.reason}`);
  return judgeService(enrolled, findings, nodes);
}

function judgeService(
  enrolled: EnrollmentOutputs,
  findings: HostFindings,
  nodes: readonly Node[],
): ReleaseJudgement {
  const claimedAs = findings.marker?.node ?? enrolled.node;
  if (findings.marker?.owner === enrolled.owner && claimedAs !== enrolled.node) {
    return { kind: "leave", reason: `the host serves as "${claimedAs}" of this stack now` };
  }
  const other = otherNodeOf(nodes, enrolled.node, enrolled.machineId);
  if (other === undefined) return { kind: "reset" };
  return { kind: "leave", reason: `the host is the machine of Node "${other.metadata?.name}" now` };
}

function refuse(reason: string): ReleaseJudgement {
  return { kind: "refuse", reason };
}
