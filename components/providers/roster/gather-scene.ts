// Reads what a preview rests on: lists only, and none that nothing depends on.
import { claimNames, isDaemonSetPod, podController } from "../../drain/pod-filters.ts";
import type { AddedTaint, DisruptedNode, Scene } from "../../drain/preview/scene.ts";
import type { KubeApi, Node, Pod } from "../../kube/api.ts";
import { systemClock } from "../../model/clock.ts";
import { errorText } from "../error-text.ts";
import { readyStatus } from "../membership/observe.ts";
import type { LeavingMember } from "./leaving.ts";
import type { RosterInputs } from "./state.ts";

/** The change that is previewed. */
export interface Removal {
  readonly leaving: readonly LeavingMember[];
  readonly addedTaints: readonly AddedTaint[];
  readonly olds: RosterInputs;
  readonly news: RosterInputs;
  /** All Nodes of the cluster. */
  readonly nodes: readonly Node[];
}

type Gaps = { what: string; reason: string }[];

/** Reads the cluster; what may not or cannot be read is named in the scene. Throws KubeError when pods cannot be listed. */
export async function gatherScene(api: KubeApi, removal: Removal): Promise<Scene> {
  const { leaving, addedTaints, news, nodes } = removal;
  const pods = await api.listPods();
  const names = new Set(leaving.map(({ node }) => node));
  const onLeaving = pods.filter((pod) => names.has(pod.spec?.nodeName ?? ""));
  const gaps: Gaps = [];
  const [budgets, volumes, daemonSets, namespaces] = await Promise.all([
    readOr([], "what budgets allow", gaps, () => api.listBudgets()),
    readVolumes(api, onLeaving, gaps),
    readDaemonSets(api, onLeaving, gaps),
    readNamespaces(api, leaving, gaps),
  ]);
  const known = new Set(nodes.map((node) => node.metadata?.name));
  return {
    disrupted: leaving.map((member) => lookAt(member, removal)),
    joining: news.members.map(({ node }) => node).filter((node) => !known.has(node)),
    ...{ addedTaints, nodes, pods, budgets, volumes },
    daemonSetExists: (namespace, name) => daemonSets.get(`${namespace}/${name}`),
    namespaceLabels: (namespace) => namespaces.get(namespace) ?? {},
    unknown: gaps.sort((one, other) => (one.what < other.what ? -1 : 1)),
    now: systemClock.now() + api.clockOffset(),
  };
}

function lookAt(member: LeavingMember, { olds, news, nodes }: Removal): DisruptedNode {
  const node = nodes.find((candidate) => candidate.metadata?.name === member.node);
  const pool = [...news.pools, ...olds.pools].find(({ name }) => name === member.pool);
  return {
    nodeName: member.node,
    disruption: member.fate,
    pool: member.pool,
    maxUnavailable: pool?.maxUnavailable ?? 1,
    policy: member.drain,
    unreachable: node !== undefined && readyStatus(node) === "Unknown",
    attachedVolumes: node?.status?.volumesAttached?.length ?? 0,
  };
}

/** Notes a failure as a gap of the preview, which says all the rest. */
async function readOr<Result>(
  fallback: Result,
  what: string,
  gaps: Gaps,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    gaps.push({ what, reason: errorText(error) });
    return fallback;
  }
}

async function readVolumes(api: KubeApi, pods: readonly Pod[], gaps: Gaps) {
  const users = pods.filter((pod) => !isDaemonSetPod(pod) && claimNames(pod).length > 0);
  return users.length === 0 ? [] : readOr([], "which volumes are local", gaps, () => api.listVolumes());
}

async function readDaemonSets(
  api: KubeApi,
  pods: readonly Pod[],
  gaps: Gaps,
): Promise<ReadonlyMap<string, boolean>> {
  const wanted = new Map(pods.filter(isDaemonSetPod).map((pod) => [daemonSetKey(pod), pod]));
  const read = async ([key, pod]: [string, Pod]): Promise<[string, boolean]> => {
    const name = podController(pod)?.name ?? "";
    return [key, (await api.readDaemonSet(pod.metadata?.namespace ?? "", name)) !== undefined];
  };
  const all = () => Promise.all([...wanted].map(read));
  return new Map(await readOr([], "which DaemonSets exist", gaps, all));
}

function daemonSetKey(pod: Pod): string {
  return `${pod.metadata?.namespace}/${podController(pod)?.name}`;
}

async function readNamespaces(
  api: KubeApi,
  leaving: readonly LeavingMember[],
  gaps: Gaps,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const isNeeded = leaving.some(({ drain }) => drain.rules?.some((rule) => rule.namespaces !== undefined));
  const namespaces = isNeeded
    ? await readOr([], "which namespaces the drain rules select", gaps, () => api.listNamespaces())
    : [];
  return new Map(namespaces.map(({ metadata }) => [metadata?.name ?? "", metadata?.labels ?? {}]));
}
