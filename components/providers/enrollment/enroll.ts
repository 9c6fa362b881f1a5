// Takes a host into the cluster's hands: inspect, decide, claim, clean if needed, and prepare what kubeadm joins with.
import type { KubeApi } from "../../kube/api.ts";
import type { HostFindings } from "../../kubeadm/inspection.ts";
import { decideVerdict, type Verdict } from "../../kubeadm/verdict.ts";
import type { SshCredentials } from "../../ssh/credentials.ts";
import { openSession, type SshSession } from "../../ssh/session.ts";
import { inspectHost } from "../host-access.ts";
import type { Progress } from "../progress.ts";
import { readClusterFacts, verdictFacts } from "./cluster-facts.ts";
import { deleteOwnNode } from "./delete-node.ts";
import { claimHost, resetHost } from "./host-scripts.ts";
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
  const [findings, cluster] = await Promise.all([inspectHost(session), readClusterFacts(api)]);
  const verdict = decideVerdict(findings, verdictFacts(inputs, cluster));
  refuse(verdict, inputs);
  const machine = { machineId: findings.machineId, criSocket: chosenSocket(findings) };
  await claimHost(session, { owner: inputs.owner, node: inputs.node, cluster: cluster.caHashes });
  if (verdict.kind === "adopt") {
    await progress.say(`adopted: "${inputs.node}" is already this machine's node, left as it is`);
    return { ...inputs, ...machine, tokenId: "", joinConfiguration: "" };
  }
  if (verdict.kind === "reset-then-join") await clean(api, session, inputs, findings, verdict.found, progress);
  progress.now("minting a bootstrap token");
  return { ...inputs, ...machine, ...(await prepareJoin(api, inputs, cluster, findings)) };
}

function refuse(verdict: Verdict, inputs: EnrollmentInputs): void {
  if (verdict.kind !== "refuse") return;
  const reasons = verdict.reasons.map((reason) => `\n  - ${reason}`).join("");
  throw new Error(
    `enrolling host "${inputs.node}" at ${inputs.host.address}: refused, nothing was changed:${reasons}`,
  );
}

function chosenSocket(findings: HostFindings): string {
  const [socket] = findings.criSockets;
  // The verdict refuses a host without a runtime.
  if (socket === undefined) throw new Error("choosing the runtime's socket: none was found");
  return socket;
}

async function clean(
  api: KubeApi,
  session: SshSession,
  inputs: EnrollmentInputs,
  findings: HostFindings,
  found: readonly string[],
  progress: Progress,
): Promise<void> {
  await progress.say(`reset before joining, found: ${found.join(", ")}`);
  await resetHost(session, { owner: inputs.owner, node: inputs.node });
  // A Node left from the former life would hand its cordon on to the new one (kubernetes#71398).
  await deleteOwnNode(api, { ...inputs, machineId: findings.machineId });
}
