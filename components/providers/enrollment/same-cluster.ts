// Whether the kubeconfig's cluster is the one that the hosts of the stack have joined: asked before anything is written.
import type { Node } from "../../kube/api.ts";
import { clusterCaHashes } from "../../kubeadm/cluster-ca.ts";
import type { HostFindings } from "../../kubeadm/findings.ts";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { openSession } from "../../ssh/session.ts";
import { errorText } from "../errors.ts";
import { inspectHost, openJoinedHost } from "../host.ts";
import { isStampedBy, nodeNamed } from "../identity.ts";
import { isElsewhere } from "../judge-release.ts";
import type { Operation } from "../operation.ts";
import type { EnrollmentOutputs } from "./state.ts";

/** An enrolled host, as far as its cluster goes. */
type Enrolled = Pick<EnrollmentOutputs, "node" | "host" | "machineId" | "clusterCa">;

/**
 * Fails when an enrolled host is in another cluster than the kubeconfig's. One that is in none any more, because somebody
 * has reset it, passes: it is joined anew. So does one whose cluster cannot be asked.
 */
export async function requireSameCluster(operation: Operation, enrolled: Enrolled): Promise<void> {
  const trusted = await casOfAnotherCluster(operation, enrolled);
  if (trusted === undefined) return;
  const findings = await lookAt(operation, enrolled);
  if (typeof findings !== "string" && hasLeft(findings, enrolled, trusted)) return;
  operation.elsewhere ??= describe(enrolled, trusted, findings);
  throw new Error(operation.elsewhere);
}

/** {@link requireSameCluster}, for a membership, whose own state does not say which cluster it is in. */
export async function requireClusterOf(operation: Operation, node: string): Promise<void> {
  const enrolled = await poll(operation.clock, {
    every: durations.providers.toldLook,
    within: durations.providers.enrollmentTold,
    until: async () => operation.enrolled.get(node),
  });
  if (enrolled !== undefined) await requireSameCluster(operation, enrolled);
}

/**
 * Fails when hosts of this stack are in another cluster than the one that a new host is about to join. A cluster with
 * Nodes of this stack is the right one; in one without any, the word of the enrollments in state is waited for, and hosts
 * are asked of which the engine tells nothing, as with `--target`.
 */
export async function requireMembersCluster(operation: Operation): Promise<void> {
  const owners = operation.told.owners();
  const isKnown = (node: Node) => owners.some((owner) => isStampedBy(node, owner));
  const isRight = (await operation.nodes()).some(isKnown);
  if (!isRight && !(await operation.told.settled()))
    await operation.once("the cluster of hosts that are not told of", () => askUntold(operation, owners));
  if (operation.elsewhere !== undefined) throw new Error(operation.elsewhere);
}

// A few stand for all.
const mostAsked = 3;

/** Notes the cluster of declared hosts of which the engine tells nothing; one that does not answer says nothing. */
async function askUntold(operation: Operation, owners: readonly string[]): Promise<void> {
  const untold = operation.declaredHosts().filter(({ node }) => !operation.told.isDeclared(node));
  await Promise.allSettled(
    untold.slice(0, mostAsked).map(async ({ node, host }) => {
      await using session = await openSession(host, operation.ssh);
      const findings = await inspectHost(session);
      const isOurs = owners.some((owner) => findings.marker?.owner === owner);
      const trusted = await clusterCaHashes(operation.kube, findings.caHashes);
      if (!isOurs || !isElsewhere(findings, trusted)) return;
      operation.elsewhere ??= describe({ node, clusterCa: findings.caHashes.join(", ") }, trusted, findings);
    }),
  );
}

/** Returns the CAs of the kubeconfig's cluster when it is another one than the host's; a cluster whose CA was renewed since has its Node. */
async function casOfAnotherCluster(
  operation: Operation,
  { node, clusterCa, machineId }: Enrolled,
): Promise<readonly string[] | undefined> {
  if (clusterCa === undefined) return undefined;
  try {
    const trusted = await operation.shared(`the CAs of the cluster beside ${clusterCa}`, () =>
      clusterCaHashes(operation.kube, [clusterCa]),
    );
    if (trusted.includes(clusterCa)) return undefined;
    const own = nodeNamed(await operation.nodes(), node);
    return own?.status?.nodeInfo?.machineID === machineId ? undefined : trusted;
  } catch {
    return undefined;
  }
}

/** Returns what is found on the host, or why it cannot be asked. */
async function lookAt(operation: Operation, enrolled: Enrolled): Promise<HostFindings | string> {
  try {
    await using session = await openJoinedHost(operation.told.reached(enrolled), operation.ssh);
    return await inspectHost(session);
  } catch (error) {
    return errorText(error);
  }
}

function hasLeft(findings: HostFindings, { machineId }: Enrolled, trusted: readonly string[]): boolean {
  return findings.machineId === machineId && !isElsewhere(findings, trusted);
}

function describe(
  { node, clusterCa }: Pick<Enrolled, "node" | "clusterCa">,
  trusted: readonly string[],
  findings: HostFindings | string,
): string {
  const unasked = typeof findings === "string" ? ` Its host cannot be asked: ${findings}` : "";
  return `checking the cluster: host "${node}" joined another one (CA ${clusterCa}) than the kubeconfig's (CA ${trusted.join(", ") || "none"}); nothing was changed. Is nodepools:cluster right? If it is, the host joined the wrong cluster: run \`kubeadm reset\` on it, then run again.${unasked}`;
}
