// Tells, at preview and before it runs, what a change does to the pods of nodes that it disrupts: what the facts rest on
// is read here, lists only, and none that nothing depends on.

import { claimNames, isDaemonSetPod, podController } from "../../drain/pod-filters.ts";
import { shortenerFor } from "../../drain/preview/bystander.ts";
import { describeDisruption } from "../../drain/preview/describe.ts";
import { type FactLine, factLines } from "../../drain/preview/fact-text.ts";
import type { DisruptionFact } from "../../drain/preview/facts.ts";
import type { AddedTaint, DisruptedNode, Scene } from "../../drain/preview/scene.ts";
import { describeNodes } from "../../drain/preview/whereabouts.ts";
import type { KubeApi, Node, Pod } from "../../kube/api.ts";
import { readyStatus } from "../../kube/node-ready.ts";
import { errorText } from "../errors.ts";
import { isStampedBy, nodeNamed } from "../identity.ts";
import { nodesDown } from "../membership/drain-member.ts";
import type { Operation } from "../operation.ts";
import type { Progress } from "../progress.ts";
import { addedTaints, type DisruptedMember, disruptions } from "./change.ts";
import type { RosterInputs } from "./state.ts";

/** Tells each fact once; that the cluster cannot be asked is told when nodes change, and never fails the preview. */
export async function previewChange(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
  progress: Progress,
): Promise<void> {
  for (const { text, severity } of render(await findFacts(operation, olds, news)))
    await (severity === "warning" ? progress.warn(text) : progress.say(text));
}

/**
 * Tools set NODEPOOLS_FACTS for the Pulumi CLI, to read all facts from the diagnostics of `preview --json`. These are
 * never warnings there: the CLI puts `warning: ` before the text, which would then be no JSON.
 */
function render(facts: readonly DisruptionFact[]): FactLine[] {
  if (process.env.NODEPOOLS_FACTS !== "json") return factLines(facts);
  return facts.map((fact) => ({ text: JSON.stringify(fact), severity: "info" }));
}

async function findFacts(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<readonly DisruptionFact[]> {
  let leaving = disruptions(olds, news, []);
  const taints = addedTaints(olds, news);
  try {
    const nodes = await operation.nodes();
    leaving = disruptions(olds, news, nodes);
    if (leaving.length + taints.length === 0) return [];
    return describeDisruption(
      await gatherScene(operation, { leaving, addedTaints: taints, olds, news, nodes }),
    );
  } catch (error) {
    if (leaving.length + taints.length === 0) return [];
    const nodes = leaving.map(({ node, disruption }) => ({ nodeName: node, disruption, attachedVolumes: 0 }));
    const what = "what becomes of the pods";
    return [
      ...describeNodes(nodes),
      { kind: "unknown", severity: "warning", what, reason: errorText(error) },
    ];
  }
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
  const [budgets, volumes, daemonSets, namespaces] = await Promise.all([
    readOr([], "what budgets allow", gaps, () => api.listBudgets()),
    readVolumes(api, onLeaving, gaps),
    readDaemonSets(api, onLeaving, gaps),
    readNamespaces(api, leaving, gaps),
  ]);
  const known = new Set(nodes.map((node) => node.metadata?.name));
  return {
    disrupted,
    joining: news.members.map(({ node }) => node).filter((node) => !known.has(node)),
    ...{ addedTaints, nodes, pods, budgets, volumes },
    down: findDown(change),
    daemonSetExists: (namespace, name) => daemonSets.get(`${namespace}/${name}`),
    namespaceLabels: (namespace) => namespaces.get(namespace) ?? {},
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
