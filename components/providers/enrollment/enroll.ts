// Takes a host into the cluster's hands: inspect, decide, claim, clean if needed, and prepare what kubeadm joins with.
import type { KubeApi } from "../../kube/api.ts";
import { changeNodeRetrying } from "../../kube/change-node.ts";
import type { OwnerMarker } from "../../kubeadm/marker.ts";
import { chooseCriSocket } from "../../kubeadm/requirements.ts";
import { decideVerdict, type Verdict } from "../../kubeadm/verdict.ts";
import { ownerAnnotation } from "../../model/owner.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { openSession, type SshSession } from "../../ssh/session.ts";
import type { Progress } from "../progress.ts";
import { type ClusterState, readClusterState, verdictFacts } from "./cluster-state.ts";
import { deleteOwnNode } from "./delete-node.ts";
import { drainBeforeReset } from "./drain-before-reset.ts";
import { claimHost, resetHost } from "./host-scripts.ts";
import { inspectWhenIdle } from "./inspect-when-idle.ts";
import { prepareJoin } from "./prepare-join.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/** Enrolls one host; refuses it, changing nothing, when it is not what the declaration takes it for. */
export async function enrollHost(
  api: KubeApi,
  credentials: SshCredentials,
  inputs: EnrollmentInputs,
  progress: Progress,
): Promise<EnrollmentOutputs> {
  progress.now("inspecting the host");
  await using session = await openSession(inputs.host, credentials);
  const findings = await inspectWhenIdle(session, progress);
  const inspectedAt = new Date();
  const cluster = await readClusterState(api);
  const { machineId, kubeadmVersion = "" } = findings;
  const verdict = decideVerdict(findings, { ...verdictFacts(inputs, cluster, machineId), now: inspectedAt });
  refuse(verdict, inputs);
  refuseTwin(machineId, inputs);
  const criSocket = chooseCriSocket(findings.criSockets) ?? "";
  const marker = { owner: inputs.owner, cluster: cluster.caHashes[0] ?? "", node: inputs.node };
  const machine = { machineId, criSocket, clusterCa: marker.cluster };
  if (verdict.kind === "adopt") await stampNode(api, cluster, inputs);
  await claimHost(session, marker);
  if (verdict.kind === "adopt") {
    await progress.say(`adopted: "${inputs.node}" is already this machine's node and stays as it is`);
    return { ...inputs, ...machine, tokenId: "", joinConfiguration: "" };
  }
  if (verdict.kind === "reset-then-join") {
    await progress.say(`reset before joining, found ${verdict.found.join(", ")}`);
    await startOver(api, session, marker, machine, progress);
  }
  progress.now("minting a bootstrap token");
  const join = await prepareJoin(api, inputs, cluster, { kubeadmVersion, criSocket });
  progress.done("may join");
  return { ...inputs, ...machine, ...join };
}

function refuse(verdict: Verdict, inputs: EnrollmentInputs): void {
  if (verdict.kind !== "refuse") return;
  const reasons = verdict.reasons.map((reason) => `\n  - ${reason}`).join("");
  throw new Error(
    `enrolling host "${inputs.node}" at ${inputs.host.address}: refused, and left as it was found:${reasons}`,
  );
}

const enrolledMachines = new Map<string, string>();

/** Refuses a machine that another entry enrolled in this run: neither has a Node yet that would give it away. */
function refuseTwin(machineId: string, inputs: EnrollmentInputs): void {
  const twin = enrolledMachines.get(machineId) ?? inputs.node;
  enrolledMachines.set(machineId, twin);
  if (twin === inputs.node) return;
  throw new Error(
    `enrolling host "${inputs.node}" at ${inputs.host.address}: host "${twin}" has the same machine-id ${machineId}. Remove one of the two entries if they are one machine; if one is a clone, empty its /etc/machine-id and reboot it`,
  );
}

/** Comes before the claim: a claimed host whose Node has no stamp has come back after its removal, and is reset. */
async function stampNode(
  api: KubeApi,
  { nodes }: ClusterState,
  { node: name, owner }: EnrollmentInputs,
): Promise<void> {
  const node = nodes.find(({ metadata }) => metadata?.name === name);
  const stamp = { annotations: { [ownerAnnotation]: owner } };
  if (node !== undefined) await changeNodeRetrying(api, node, () => stamp);
}

/** Resets a host that was part of this cluster before. */
async function startOver(
  api: KubeApi,
  session: SshSession,
  marker: OwnerMarker,
  machine: { readonly machineId: string; readonly criSocket: string },
  progress: Progress,
): Promise<void> {
  await drainBeforeReset(api, { ...marker, machineId: machine.machineId }, progress);
  await resetHost(session, marker, machine.criSocket);
  // A Node left from the former life would hand its cordon on to the new one (kubernetes#71398).
  await deleteOwnNode(api, { ...marker, machineId: machine.machineId });
  // The reset ended with the marker.
  await claimHost(session, marker);
}
