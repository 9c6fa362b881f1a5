// Tells, at preview and before a removal runs, what happens to the pods of the nodes that leave.
import { describeRemoval, type LeavingNode, type RemovalFacts } from "../../drain/describe-removal.ts";
import { isDaemonSetPod, podController } from "../../drain/pod-filters.ts";
import type { KubeApi, Node, Pod } from "../../kube/api.ts";
import { errorText } from "../error-text.ts";
import { readyStatus } from "../membership/observe.ts";
import { recentNodes } from "../node-list.ts";
import type { Progress } from "../progress.ts";
import { type LeavingMember, leavingMembers, stillLeaving } from "./leaving.ts";
import type { RosterInputs } from "./state.ts";

/** Warns once per fact; a cluster that cannot be asked is said so when nodes leave, and never fails the preview. */
export async function previewRemoval(
  connect: () => KubeApi,
  olds: RosterInputs,
  news: RosterInputs,
  progress: Progress,
): Promise<void> {
  for (const line of await removalLines(connect, olds, news)) await progress.warn(line);
}

async function removalLines(
  connect: () => KubeApi,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<readonly string[]> {
  try {
    const api = connect();
    const nodes = await recentNodes(api);
    const leaving = [...leavingMembers(olds, news), ...stillLeaving(nodes, olds, news)];
    return leaving.length > 0 ? describeRemoval(await gatherFacts(api, leaving, nodes)) : [];
  } catch (error) {
    const names = leavingMembers(olds, news).map((member) => member.node);
    if (names.length === 0) return [];
    return [`leaving: ${names.join(", ")}; what they carry could not be read: ${errorText(error)}`];
  }
}

async function gatherFacts(
  api: KubeApi,
  leaving: readonly LeavingMember[],
  nodes: readonly Node[],
): Promise<RemovalFacts> {
  const budgets = await api.listBudgets();
  const leavingNodes = await Promise.all(leaving.map((member) => lookAt(api, member, nodes)));
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

async function lookAt(api: KubeApi, member: LeavingMember, nodes: readonly Node[]): Promise<LeavingNode> {
  const node = nodes.find((candidate) => candidate.metadata?.name === member.node);
  return {
    nodeName: member.node,
    pods: await api.listPodsOnNode(member.node),
    policy: member.drain,
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
