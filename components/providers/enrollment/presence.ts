// Whether an enrolled host's Node is in the cluster: the one question about the world that a diff asks.
// Pulumi calls no other method for a resource whose declaration did not change, and three cases need an answer at
// preview: an interrupted join, an interrupted reset, and a Node that was deleted behind our back.
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeApi, Node } from "../../kube/api.ts";
import { clusterCaHashes } from "../../kubeadm/cluster-ca.ts";
import { resettingAnnotation } from "../../model/owner.ts";
import { errorText } from "../error-text.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import type { EnrollmentOutputs } from "./state.ts";

const registrationSeconds = 30;
let isWarned = false;

/**
 * Tells whether neither a Node of this name nor one of this machine exists, or its reset has begun. False, with one
 * warning for all hosts, when the cluster cannot be asked: that proves nothing about its nodes.
 */
export async function isNodeMissing(
  enrolled: EnrollmentOutputs,
  connect: () => KubeApi,
  progress: Progress,
): Promise<boolean> {
  try {
    const api = connect();
    await requireSameCluster(enrolled, api);
    const nodes = await recentNodes(api);
    return !nodes.some((node) => isJoined(node, enrolled));
  } catch (error) {
    if (isWarned) return false;
    isWarned = true;
    await progress.warn(`missing nodes are not noticed in this run: ${errorText(error)}`);
    return false;
  }
}

/** Waits for the Node of a host that has just joined: its kubelet registers it only once kubeadm has ended. */
export async function isNeverRegistered(
  enrolled: EnrollmentOutputs,
  connect: () => KubeApi,
  progress: Progress,
): Promise<boolean> {
  for (const start = Date.now(); await isNodeMissing(enrolled, connect, progress); await sleep(1000)) {
    const elapsed = Math.round((Date.now() - start) / 1000);
    if (elapsed >= registrationSeconds) return true;
    progress.now(`joined by a killed run: waiting for its Node ${elapsed} s of ${registrationSeconds} s`);
  }
  return false;
}

function isJoined(node: Node, enrolled: EnrollmentOutputs): boolean {
  const isIts =
    node.metadata?.name === enrolled.node || node.status?.nodeInfo?.machineID === enrolled.machineId;
  return isIts && node.metadata?.annotations?.[resettingAnnotation] === undefined;
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
