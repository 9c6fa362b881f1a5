// Whether an enrolled host has to be joined anew, because its Node is not in the cluster, and whether it could be reset.
// Pulumi calls no other method than `diff` for a resource whose declaration did not change, and three cases need an
// answer at preview: an interrupted join, an interrupted reset, and a Node that was deleted behind our back.
import type { KubeApi, Node } from "../../kube/api.ts";
import { clusterCaHashes } from "../../kubeadm/cluster-ca.ts";
import { poll } from "../../model/clock.ts";
import { durations } from "../../model/durations.ts";
import { readMarks } from "../../model/node-marks.ts";
import { errorText } from "../errors.ts";
import { askWhetherReleasable } from "../judge-release.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import type { EnrollmentOutputs } from "./state.ts";

/**
 * Tells whether neither a Node of this name nor one of this machine exists, or its reset has begun. False, with one
 * warning for all hosts, when the cluster cannot be asked: that proves nothing about its nodes.
 */
export async function isNodeMissing(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<boolean> {
  try {
    await requireSameCluster(enrolled, operation.kube);
    const nodes = await operation.nodes();
    return !nodes.some((node) => isJoined(node, enrolled));
  } catch (error) {
    if (operation.isFirst("missing nodes are not noticed"))
      await progress.warn(`missing nodes are not noticed in this run: ${errorText(error)}`);
    return false;
  }
}

/**
 * Waits for the Node of a host that has just joined: its kubelet registers it only once kubeadm has ended. Tells whether
 * it is still missing then.
 */
export async function waitForRegistration(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<"registered" | "missing"> {
  const within = durations.providers.registration;
  const found = await poll(operation.clock, {
    every: durations.providers.look,
    within,
    until: async () =>
      (await isNodeMissing(operation, enrolled, progress)) ? undefined : ("registered" as const),
    onWait: (elapsed) =>
      progress.now(`joined by a killed run: waiting for its Node ${elapsed} s of ${within} s`),
  });
  return found ?? "missing";
}

function isJoined(node: Node, enrolled: EnrollmentOutputs): boolean {
  const isIts =
    node.metadata?.name === enrolled.node || node.status?.nodeInfo?.machineID === enrolled.machineId;
  return isIts && readMarks(node).resetting === undefined;
}

async function requireSameCluster(enrolled: EnrollmentOutputs, api: KubeApi): Promise<void> {
  const { clusterCa } = enrolled;
  if (clusterCa === undefined) return;
  const trusted = await clusterCaHashes(api, [clusterCa]);
  if (trusted.includes(clusterCa)) return;
  throw new Error(
    `the kubeconfig's cluster has another CA (${trusted.join(", ")}) than the one that host "${enrolled.node}" joined (${clusterCa}). Is nodepools:cluster right?`,
  );
}

/** Closed set of answers: `joined` while it was asked, by a join that a killed run had left running on it. */
export type ResetAnswer = "refused" | "joined" | "resettable";

/**
 * Asks whether host or cluster would refuse the reset, with a warning that says why; remembers it for the update. When
 * the first half of a replacement fails, `pulumi up --continue-on-error` waits for ever for the second (executeChain in
 * pulumi's pkg/resource/deploy/step_executor.go); an update that fails leaves the same state and ends.
 * Waits, five minutes at most, for a join or reset that a killed run has left running.
 * Logs in to the host, at preview as well: Pulumi does not tell a provider which of the two it is.
 */
export async function askForReset(
  operation: Operation,
  enrolled: EnrollmentOutputs,
  progress: Progress,
): Promise<ResetAnswer> {
  operation.blockedRejoins.delete(enrolled.node);
  progress.now("asking the host whether it can be reset");
  try {
    const { findings } = await askWhetherReleasable(operation, enrolled, progress);
    const hasJoined = findings.wasBusy && findings.files.includes("/etc/kubernetes/kubelet.conf");
    return hasJoined ? "joined" : "resettable";
  } catch (error) {
    operation.blockedRejoins.set(enrolled.node, error);
    await progress.warn(
      `host "${enrolled.node}" must be reset and rejoined, but cannot be right now: ${errorText(error)}. Shown as an update that will fail; once this is mended, the host is drained, reset and joined again`,
    );
    return "refused";
  }
}

/** Throws what kept the host from being reset in this run. */
export function throwBlocker({ blockedRejoins }: Operation, node: string): void {
  if (blockedRejoins.has(node)) throw blockedRejoins.get(node);
}
