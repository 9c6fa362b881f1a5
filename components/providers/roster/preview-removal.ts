// Tells, at preview and before a removal runs, what happens to the pods of the nodes that leave.
import { describeRemoval, type LeavingNode, type RemovalFacts } from "../../drain/describe-removal.ts";
import { isDaemonSetPod, podController } from "../../drain/pod-filters.ts";
import type { KubeApi, Pod } from "../../kube/api.ts";
import { errorText } from "../error-text.ts";
import { readyStatus } from "../membership/observe.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import type { RosterMember, RosterPool } from "./state.ts";

/**
 * Warns once per fact; a cluster that cannot be asked is said so and does not fail the preview. `pools` has the
 * declared pools first, then the former ones: members of a removed pool leave as that pool declared last.
 */
export async function previewRemoval(
  connect: () => KubeApi,
  pools: readonly RosterPool[],
  leaving: readonly RosterMember[],
  progress: Progress,
): Promise<void> {
  for (const line of await removalLines(connect, pools, leaving)) await progress.warn(line);
}

async function removalLines(
  connect: () => KubeApi,
  pools: readonly RosterPool[],
  leaving: readonly RosterMember[],
): Promise<readonly string[]> {
  try {
    return describeRemoval(await gatherFacts(connect(), pools, leaving));
  } catch (error) {
    const names = leaving.map((member) => member.node).join(", ");
    return [`leaving: ${names}; what they carry could not be read: ${errorText(error)}`];
  }
}

async function gatherFacts(
  api: KubeApi,
  pools: readonly RosterPool[],
  leaving: readonly RosterMember[],
): Promise<RemovalFacts> {
  const [budgets, nodes] = await Promise.all([api.listBudgets(), recentNodes(api)]);
  const leavingNodes = await Promise.all(leaving.map((member) => lookAt(api, pools, member, nodes)));
  const daemonSets = await readDaemonSets(
    api,
    leavingNodes.flatMap(({ pods }) => pods),
  );
  return {
    leaving: leavingNodes,
    budgets,
    daemonSetExists: (namespace, name) => daemonSets.get(`${namespace}/${name}`),
    now: Date.now(),
  };
}

async function lookAt(
  api: KubeApi,
  pools: readonly RosterPool[],
  member: RosterMember,
  nodes: Awaited<ReturnType<typeof recentNodes>>,
): Promise<LeavingNode> {
  const pool = pools.find(({ name }) => name === member.pool);
  if (pool === undefined) throw new Error(`the state names no pool "${member.pool}"`);
  const node = nodes.find((candidate) => candidate.metadata?.name === member.node);
  return {
    nodeName: member.node,
    pods: await api.listPodsOnNode(member.node),
    policy: pool.drain,
    unreachable: node !== undefined && readyStatus(node) === "Unknown",
  };
}

async function readDaemonSets(api: KubeApi, pods: readonly Pod[]): Promise<Map<string, boolean>> {
  const found = new Map<string, boolean>();
  for (const pod of pods.filter(isDaemonSetPod)) {
    const namespace = pod.metadata?.namespace ?? "";
    const name = podController(pod)?.name ?? "";
    if (found.has(`${namespace}/${name}`)) continue;
    found.set(`${namespace}/${name}`, (await api.readDaemonSet(namespace, name)) !== undefined);
  }
  return found;
}
