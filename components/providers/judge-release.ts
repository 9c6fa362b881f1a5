// What may be done with a host that is to be given back: asked before its node is drained, and again before its reset.
import type { Node } from "../kube/api.ts";
import { clusterCaHashes } from "../kubeadm/cluster-ca.ts";
import type { HostFindings } from "../kubeadm/findings.ts";
import { chooseCriSocket } from "../kubeadm/requirements.ts";
import type { SshSession } from "../ssh/session.ts";
import {
  type ExpectedHost,
  type IdleFindings,
  inspectHost,
  inspectWhenIdle,
  openJoinedHost,
  waysOutOfAGoneHost,
} from "./host.ts";
import { identify, nodeNamed, twinsOf } from "./identity.ts";
import type { Operation } from "./operation.ts";
import type { Progress } from "./progress.ts";

/** Identifies the machine that joined, as which node and for which stack. */
export interface JoinedHost extends ExpectedHost {
  readonly owner: string;
  /** Runtime socket that was found when it joined; empty or absent where that is not known. */
  readonly criSocket?: string;
}

/** What may be done with a host that is to be released. */
export type ReleaseJudgement =
  /** It is the machine that joined under this enrollment, or nothing of a node is on it any more. */
  | { readonly kind: "reset"; readonly criSocket: string }
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
 * - claimed by this stack under another name: left alone
 * - another Node says that it is this machine: left alone if the host's own certificate is that Node's; refused if nothing
 *   on the host says which of both it is. What a Node says of itself alone keeps no host from its reset: its kubelet
 *   writes that.
 * - joined, with no container runtime that kubeadm could reset it with: refused
 * - else: reset, with the runtime that the host has now.
 */
export function judgeRelease(
  enrolled: JoinedHost,
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
  if (isElsewhere(findings, trustedCaHashes)) return refuse(describeElsewhere(findings));
  const named = nodeNamed(nodes, enrolled.node);
  const isSameMachine = named?.status?.nodeInfo?.machineID === enrolled.machineId;
  const identity = identify(isSameMachine ? named : undefined, enrolled);
  if (identity.kind === "foreign") return refuse(`its Node is not ours: ${identity.reason}`);
  return judgeService(enrolled, findings, nodes);
}

/** Tells whether a host is joined to a cluster that is not the one with these CAs. */
export function isElsewhere({ caHashes }: HostFindings, trustedCaHashes: readonly string[]): boolean {
  return caHashes.length > 0 && !caHashes.some((hash) => trustedCaHashes.includes(hash));
}

function describeElsewhere({ caHashes }: HostFindings): string {
  return `the host is joined to another cluster than the kubeconfig's (its CA is ${caHashes.join(", ")}): check nodepools:cluster. If it should not be in that cluster, run \`kubeadm reset\` on it, then run again`;
}

function judgeService(
  enrolled: JoinedHost,
  findings: HostFindings,
  nodes: readonly Node[],
): ReleaseJudgement {
  const claim = findings.marker?.owner === enrolled.owner ? findings.marker : undefined;
  if (claim !== undefined && claim.node !== enrolled.node)
    return { kind: "leave", reason: `the host serves as "${claim.node}" of this stack now` };
  const twins = twinsOf(nodes, enrolled.node, enrolled.machineId);
  const certified = findings.nodeCertificate?.nodeName;
  if (certified !== undefined && twins.includes(certified))
    return { kind: "leave", reason: `the host is the machine of Node "${certified}" now` };
  const [twin] = twins;
  if (twin !== undefined && claim === undefined && findings.files.length > 0)
    return refuse(
      `Node "${twin}" says that it is this machine, and nothing on the host tells whose it is: look which machine that Node runs on (kubectl get node ${twin} -o wide). If it is another one, run \`kubectl delete node ${twin}\` and rejoin that one with a machine-id of its own`,
    );
  return judgeRuntime(enrolled, findings);
}

/** A host may have been given another runtime since it joined; one whose runtime is down cannot be reset. */
function judgeRuntime(enrolled: JoinedHost, findings: HostFindings): ReleaseJudgement {
  const found = chooseCriSocket(findings.criSockets, enrolled.criSocket);
  if (found !== undefined) return { kind: "reset", criSocket: found };
  if (findings.files.length > 0)
    return refuse(
      "no container runtime was found on the host, and kubeadm needs it to end the pods: start it (`systemctl start containerd`, or crio), then run again",
    );
  // Nothing of a node is on it: the reset only takes the claim away.
  return { kind: "reset", criSocket: enrolled.criSocket || "unix:///run/containerd/containerd.sock" };
}

function refuse(reason: string): ReleaseJudgement {
  return { kind: "refuse", reason };
}

/** A judgement that lets a release go on, and what it rests on. */
export type PassedJudgement = Exclude<ReleaseJudgement, { kind: "refuse" }> & {
  readonly findings: IdleFindings;
};

/** Asks host and cluster; throws what would keep the host from being released, changing nothing. */
export async function requireReleasable(
  operation: Operation,
  session: SshSession,
  enrolled: JoinedHost,
  progress: Progress,
): Promise<PassedJudgement> {
  const findings = await inspectWhenIdle(session, progress, operation.clock);
  const trusted = await clusterCaHashes(operation.kube, findings.caHashes);
  const judgement = judgeRelease(enrolled, findings, await operation.kube.listNodes(), trusted);
  if (judgement.kind !== "refuse") return { ...judgement, findings };
  throw new Error(`releasing host "${enrolled.node}": nothing was reset, ${judgement.reason}`);
}

/** {@link requireReleasable}, over a connection of its own. */
export async function askWhetherReleasable(
  operation: Operation,
  enrolled: JoinedHost,
  progress: Progress,
): Promise<PassedJudgement> {
  await using session = await openJoinedHost(enrolled, operation.ssh);
  return await requireReleasable(operation, session, enrolled, progress);
}

/**
 * Fails when the host of a Node that is not there, or is another's, is joined to another cluster: the kubeconfig is the
 * wrong one then. A host that does not answer is left to its enrollment, which gives it back or refuses to.
 */
export async function requireHostsCluster(operation: Operation, enrolled: JoinedHost): Promise<void> {
  const session = await openJoinedHost(enrolled, operation.ssh).catch(() => undefined);
  if (session === undefined) return;
  await using _ = session;
  const findings = await inspectHost(session);
  const trusted = await clusterCaHashes(operation.kube, findings.caHashes);
  if (!isElsewhere(findings, trusted)) return;
  throw new Error(`releasing host "${enrolled.node}": nothing was reset, ${describeElsewhere(findings)}`);
}
