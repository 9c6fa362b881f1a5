// Tells, at preview and before it runs, what a change does to the pods of nodes that it disrupts: what the facts rest on
// is read here, lists only, and none that nothing depends on.

import { claimNames, isDaemonSetPod, podController } from "../../drain/pod-filters.ts";
import { shortenerFor } from "../../drain/preview/bystander.ts";
import { describeDisruption } from "../../drain/preview/describe.ts";
import type { DisruptionFact } from "../../drain/preview/facts.ts";
import type { AddedTaint, DisruptedNode, Scene } from "../../drain/preview/scene.ts";
import { describeNodes } from "../../drain/preview/whereabouts.ts";
import { findRollout, type PodRollout } from "../../drain/rollouts.ts";
import type { KubeApi, Node, Pod } from "../../kube/api.ts";
import { readyStatus } from "../../kube/node-ready.ts";
import { caCertHashes } from "../../kubeadm/ca-hash.ts";
import { restartsRollouts } from "../../model/drain-policy.ts";
import { errorText } from "../errors.ts";
import { isStampedBy, nodeNamed } from "../identity.ts";
import { nodesDown } from "../membership/drain-member.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { tellFacts } from "../tell-facts.ts";
import { findCheckFacts } from "../verification/verify.ts";
import { addedTaints, type DisruptedMember, disruptions } from "./change.ts";
import { declarationFacts } from "./declaration-facts.ts";
import { withoutTakenOver } from "./former.ts";
import { ownPod } from "./own-pod.ts";
import type { RosterInputs } from "./state.ts";

/** Tells each fact once; that the cluster cannot be asked is told when nodes change, and never fails the preview. */
export async function previewChange(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
  progress: Progress,
): Promise<void> {
  const before = await withoutTakenOver(operation, olds, news);
  const facts = await findFacts(operation, before, news);
  const isVerified = facts.some(({ kind }) => kind === "leaving" || kind === "drained");
  const checks = isVerified ? await findCheckFacts(operation) : [];
  await tellFacts([...facts, ...checks], progress);
}

/** Lists what the change means for the declaration, and what it does to pods. */
export async function findFacts(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<readonly DisruptionFact[]> {
  const { told } = operation;
  const vanished = told.vanished();
  const declared = declarationFacts(olds, news, { ...told.differences(), vanished });
  return [...clusterFact(operation, news), ...declared, ...(await findPodFacts(operation, olds, news))];
}

/** Names the cluster as the kubeconfig does; without a kubeconfig nothing else would be told either. */
export function clusterFact(operation: Operation, { owner }: RosterInputs): DisruptionFact[] {
  try {
    const { server, caBundle } = operation.kube;
    return [{ kind: "cluster", severity: "info", owner, server, cas: caCertHashes(caBundle) }];
  } catch {
    return [];
  }
}

async function findPodFacts(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<readonly DisruptionFact[]> {
  try {
    const scene = await readScene(operation, olds, news);
    return scene === undefined ? [] : describeDisruption(scene);
  } catch (error) {
    const leaving = disruptions(olds, news, [], operation.told.drainedAgain());
    if (leaving.length + addedTaints(olds, news).length === 0) return [];
    const nodes = leaving.map(({ node, disruption }) => ({ nodeName: node, disruption, attachedVolumes: 0 }));
    const what = "what becomes of the pods";
    return [
      ...describeNodes(nodes),
      { kind: "unknown", severity: "warning", what, reason: errorText(error) },
    ];
  }
}

/** Reads what the facts about pods rest on; undefined when no pod moves. Throws KubeError when Nodes or pods cannot be listed. */
export async function readScene(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<Scene | undefined> {
  const nodes = await operation.nodes();
  const leaving = disruptions(olds, news, nodes, operation.told.drainedAgain());
  const taints = addedTaints(olds, news);
  if (leaving.length + taints.length === 0) return undefined;
  return gatherScene(operation, { leaving, addedTaints: taints, olds, news, nodes });
}

/** Reads the same for these members alone. */
export async function readSceneOf(
  operation: Operation,
  news: RosterInputs,
  leaving: readonly DisruptedMember[],
): Promise<Scene> {
  const nodes = await operation.nodes();
  return gatherScene(operation, { leaving, addedTaints: [], olds: news, news, nodes });
}

/** The change that is previewed. */
interface PreviewedChange {
  readonly leaving: readonly DisruptedMember[];
  readonly addedTaints: readonly AddedTaint[];
  readonly olds: RosterInputs;
  readonly news: RosterInputs;
  /** All Nodes of the cluster. */
  readonly nodes: readonly Node[];
}

type Gaps = { what: string; reason: string }[];

/** Reads the cluster; what may not or cannot be read is named in the scene. Throws KubeError when pods cannot be listed. */
async function gatherScene(operation: Operation, change: PreviewedChange): Promise<Scene> {
  const api = operation.kube;
  const { leaving, addedTaints, news, nodes } = change;
  const disrupted = leaving.map((member) => lookAt(member, change));
  const pods = await api.listPods(shortenerFor({ disrupted, addedTaints }));
  const names = new Set(leaving.map(({ node }) => node));
  const onLeaving = pods.filter((pod) => names.has(pod.spec?.nodeName ?? ""));
  const gaps: Gaps = [];
  const [budgets, volumes, daemonSets, namespaces, rollouts] = await Promise.all([
    readOr([], "what budgets allow", gaps, () => api.listBudgets()),
    readVolumes(api, onLeaving, gaps),
    readDaemonSets(api, onLeaving, gaps),
    readNamespaces(api, leaving, gaps),
    readRollouts(api, leaving, onLeaving, gaps),
  ]);
  const known = new Set(nodes.map((node) => node.metadata?.name));
  return {
    disrupted,
    joining: news.members.map(({ node }) => node).filter((node) => !known.has(node)),
    ...{ addedTaints, nodes, pods, budgets, volumes },
    down: findDown(change),
    runner: ownPod(),
    daemonSetExists: (namespace, name) => daemonSets.get(`${namespace}/${name}`),
    namespaceLabels: (namespace) => namespaces.get(namespace) ?? {},
    rolloutOf: (pod) => rollouts.get(podController(pod)?.uid ?? ""),
    unknown: gaps.sort((one, other) => (one.what < other.what ? -1 : 1)),
    now: operation.clusterTime(),
  };
}

/** What leaves is not waited for. */
function findDown({ leaving, news, nodes }: PreviewedChange): ReadonlyMap<string, readonly string[]> {
  const going = new Set(
    leaving.filter(({ disruption }) => ["leaves", "lost"].includes(disruption)).map(({ node }) => node),
  );
  const pools = new Set(leaving.map(({ pool }) => pool));
  const poolByNode = new Map(news.members.map(({ node, pool }) => [node, pool]));
  const ofPool = (pool: string) =>
    nodes.filter(
      (node) => poolByNode.get(node.metadata?.name ?? "") === pool && isStampedBy(node, news.owner),
    );
  return new Map([...pools].map((pool) => [pool, nodesDown(ofPool(pool), (node) => going.has(node))]));
}

function lookAt(member: DisruptedMember, { olds, news, nodes }: PreviewedChange): DisruptedNode {
  const node = nodeNamed(nodes, member.node);
  const pool = [...news.pools, ...olds.pools].find(({ name }) => name === member.pool);
  return {
    nodeName: member.node,
    disruption: member.disruption,
    pool: member.pool,
    maxUnavailable: pool?.maxUnavailable ?? 1,
    policy: member.drain,
    ...(member.hooks && { hooks: member.hooks }),
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
  leaving: readonly DisruptedMember[],
  gaps: Gaps,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const isNeeded = leaving.some(({ drain }) => drain.rules?.some((rule) => rule.namespaces !== undefined));
  const namespaces = isNeeded
    ? await readOr([], "which namespaces the drain rules select", gaps, () => api.listNamespaces())
    : [];
  return new Map(namespaces.map(({ metadata }) => [metadata?.name ?? "", metadata?.labels ?? {}]));
}

/** Reads the Deployments of all pods that a rule may restart, by the uid of the pods' ReplicaSets. */
async function readRollouts(
  api: KubeApi,
  leaving: readonly DisruptedMember[],
  pods: readonly Pod[],
  gaps: Gaps,
): Promise<ReadonlyMap<string, PodRollout | "unknown" | undefined>> {
  const nodes = new Set(leaving.filter(({ drain }) => restartsRollouts(drain)).map(({ node }) => node));
  const owned = pods.filter((pod) => nodes.has(pod.spec?.nodeName ?? "") && !isDaemonSetPod(pod));
  const wanted = new Map(owned.map((pod) => [podController(pod)?.uid ?? "", pod]));
  const all = () =>
    Promise.all([...wanted].map(async ([uid, pod]) => [uid, await findRollout(api, pod)] as const));
  const unread = [...wanted.keys()].map((uid) => [uid, "unknown"] as const);
  return new Map(
    await readOr<readonly (readonly [string, PodRollout | "unknown" | undefined])[]>(
      unread,
      "which Deployments can be restarted",
      gaps,
      all,
    ),
  );
}
