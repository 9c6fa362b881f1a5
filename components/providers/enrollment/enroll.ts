// Takes a host into the cluster's hands: inspect, decide, claim, clean if needed, and prepare what kubeadm joins with.
import type { KubeApi } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import { newBootstrapToken, tokenExpiration, tokenIdOf } from "../../kubeadm/bootstrap-token.ts";
import type { KubeletDemands } from "../../kubeadm/cluster-facts.ts";
import { renderJoinConfiguration } from "../../kubeadm/join-configuration.ts";
import type { OwnerMarker } from "../../kubeadm/marker.ts";
import { chooseCriSocket } from "../../kubeadm/requirements.ts";
import { twinDoubt } from "../../kubeadm/twins.ts";
import { decideVerdict, type Verdict } from "../../kubeadm/verdict.ts";
import { oneLine } from "../../model/foreign-text.ts";
import { planStamp } from "../../model/mark-changes.ts";
import { agentFault } from "../../ssh/environment-agent.ts";
import { openSession, type SshSession } from "../../ssh/session.ts";
import { claimHost, inspectWhenIdle, isOnHost, leaveJoin, resetHost } from "../host.ts";
import { nodeNamed, twinsOf } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { deleteOwnNode } from "./delete-node.ts";
import { type ClusterState, readClusterState, refuseTwin, verdictFacts } from "./preflight.ts";
import { drainBeforeReset } from "./release.ts";
import { requireMembersCluster } from "./same-cluster.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/** Enrolls one host; refuses it, changing nothing, when it is not what the declaration takes it for. */
export async function enrollHost(
  operation: Operation,
  inputs: EnrollmentInputs,
  progress: Progress,
): Promise<EnrollmentOutputs> {
  const fault = await agentFault(operation.ssh);
  if (fault !== undefined) throw new Error(`enrolling host "${inputs.node}": ${fault}`);
  progress.now("inspecting the host");
  await using session = await openSession(inputs.host, operation.ssh);
  // Side by side: nothing is written before all of them have answered.
  const [findings, cluster] = await Promise.all([
    inspectWhenIdle(session, progress, operation.clock, inputs.runtimeSocket),
    readClusterState(operation),
    requireMembersCluster(operation),
  ]);
  const now = new Date(operation.clock.now() * 1000);
  const { machineId, kubeadmVersion = "" } = findings;
  const demands = await demandsOn(session, cluster);
  // What the state has of the hosts of these is told with their diffs.
  if (twinsOf(cluster.nodes, inputs.node, machineId).length > 0) await operation.told.settled();
  const facts = { ...verdictFacts(inputs, cluster, machineId, operation.enrolled), demands, now };
  const verdict = decideVerdict(findings, facts);
  refuse(verdict, inputs);
  const doubt = twinDoubt(findings, facts);
  if (doubt !== undefined) await progress.warn(doubt);
  refuseTwin(operation.enrolledMachines, machineId, inputs);
  const criSocket = chooseCriSocket(findings.criSockets) ?? "";
  const marker = { owner: inputs.owner, cluster: cluster.caHashes[0] ?? "", node: inputs.node };
  const machine = { machineId, criSocket, clusterCa: marker.cluster };
  if (verdict.kind === "adopt") await stampNode(operation.kube, cluster, inputs);
  await claimHost(session, marker);
  if (verdict.kind === "adopt") {
    await leaveJoin(session, "");
    await progress.say(`adopted: "${inputs.node}" is already this machine's node and stays as it is`);
    return { ...inputs, ...machine, tokenId: "", joinConfiguration: "" };
  }
  if (verdict.kind === "reset-then-join") {
    await progress.say(`reset before joining, found ${verdict.found.join(", ")}`);
    await startOver(operation, session, marker, machine, progress);
  }
  progress.now("minting a bootstrap token");
  const { tokenId, configuration } = await prepareJoin(operation, inputs, cluster, {
    kubeadmVersion,
    criSocket,
  });
  await leaveJoin(session, configuration);
  progress.done("may join");
  return { ...inputs, ...machine, tokenId, joinConfiguration: "" };
}

/** Compares the cluster's kubelet configuration with what only the host knows. */
async function demandsOn(
  session: SshSession,
  { failCgroupV1, protectKernelDefaults, resolvConf }: ClusterState,
): Promise<KubeletDemands> {
  const isMissing = resolvConf !== undefined && !(await isOnHost(session, resolvConf));
  return {
    ...(failCgroupV1 !== undefined && { failCgroupV1 }),
    ...(protectKernelDefaults && { protectKernelDefaults }),
    ...(isMissing && { missingResolvConf: oneLine(resolvConf) }),
  };
}

function refuse(verdict: Verdict, inputs: EnrollmentInputs): void {
  if (verdict.kind !== "refuse") return;
  const reasons = verdict.reasons.map((reason) => `\n  - ${reason}`).join("");
  throw new Error(
    `enrolling host "${inputs.node}" at ${inputs.host.address}: refused, and left as it was found:${reasons}`,
  );
}

/** Comes before the claim: a claimed host whose Node has no stamp has come back after its removal, and is reset. */
async function stampNode(
  api: KubeApi,
  { nodes }: ClusterState,
  { node: name, owner }: EnrollmentInputs,
): Promise<void> {
  const node = nodeNamed(nodes, name);
  if (node !== undefined) await changeNodeRetrying(api, node, (latest) => planStamp(latest, owner));
}

/** Resets a host that was part of this cluster before. */
async function startOver(
  operation: Operation,
  session: SshSession,
  marker: OwnerMarker,
  machine: { readonly machineId: string; readonly criSocket: string },
  progress: Progress,
): Promise<void> {
  await drainBeforeReset(operation, { ...marker, machineId: machine.machineId }, progress);
  await resetHost(session, marker, machine.criSocket);
  // A Node left from the former life would hand its cordon on to the new one (kubernetes#71398).
  await deleteOwnNode(operation, { ...marker, machineId: machine.machineId });
  // The reset ended with the marker.
  await claimHost(session, marker);
}

/** Replaces any token left from an earlier try. */
async function prepareJoin(
  { kube, clock }: Operation,
  inputs: EnrollmentInputs,
  cluster: ClusterState,
  machine: { readonly kubeadmVersion: string; readonly criSocket: string },
): Promise<{ readonly tokenId: string; readonly configuration: string }> {
  const description = `nodepools: joins ${inputs.node} for ${inputs.owner}`;
  const token = newBootstrapToken(tokenIdOf(inputs.owner, inputs.node));
  await kube.deleteBootstrapToken(token.tokenId);
  const expiration = tokenExpiration(new Date(clock.now() * 1000));
  await kube.createBootstrapToken({ ...token, expiration, description });
  const configuration = renderJoinConfiguration({
    ...machine,
    nodeName: inputs.node,
    token: token.token,
    server: cluster.server,
    caBundle: cluster.caBundle,
    taints: inputs.registration.taints,
    labels: inputs.registration.labels,
  });
  return { tokenId: token.tokenId, configuration };
}
