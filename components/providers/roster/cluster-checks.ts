// Refuses, at preview, what the cluster as it is does not allow: too few Ready nodes, a lost machine that reports, a
// preparation for another version.
import type { Node } from "../../kube/api.ts";
import { isReady } from "../../kube/node-ready.ts";
import { clusterCaHashes } from "../../kubeadm/cluster-ca.ts";
import { parseKubernetesMinor } from "../../kubeadm/version.ts";
import type { Refusal } from "../../model/declaration-fact.ts";
import type { Disruption } from "../../model/disruption.ts";
import type { RosterPool } from "../../model/roster.ts";
import { whyNotLost } from "../abandon.ts";
import { errorText } from "../errors.ts";
import { isStampedBy, nodeNamed } from "../identity.ts";
import type { Operation } from "../operation.ts";
import { leavingMembers, stayingDisrupted } from "./change.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text when the kubeconfig's cluster is not the one that the former members have joined, and none of their
 * enrollments is declared any more to say so. A cluster whose CA was renewed has Nodes of the stack.
 */
export async function inAnotherCluster(
  operation: Operation,
  olds: RosterInputs | undefined,
): Promise<string[]> {
  if (olds?.clusterCa === undefined || operation.enrolled.size > 0) return [];
  try {
    const trusted = await clusterCaHashes(operation.kube, [olds.clusterCa]);
    const isKnown = (node: Node) => isStampedBy(node, olds.owner);
    if (trusted.includes(olds.clusterCa) || (await operation.nodes()).some(isKnown)) return [];
    return [
      `checking the cluster: its members joined another one (CA ${olds.clusterCa}) than the kubeconfig's (CA ${trusted.join(", ") || "none"}). Is nodepools:cluster right? If it is, the hosts joined the wrong cluster: run \`kubeadm reset\` on them and declare them once more, so that they join this one`,
    ];
  } catch {
    return [];
  }
}

/** Asks the server for its version when nothing else would ask it: a first preview tells of a wrong server or kubeconfig. */
export async function unusableServer(
  operation: Operation,
  olds: RosterInputs | undefined,
): Promise<string[]> {
  if (olds !== undefined) return [];
  try {
    await operation.kube.readServerVersion();
    return [];
  } catch (error) {
    return [errorText(error)];
  }
}

/** Returns one refusal for each pool with limits.minReady that the change takes below it; asks nothing for other pools. */
export async function tooFewReady(
  operation: Operation,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<Refusal[]> {
  // The engine sends an empty map for a roster that is new.
  if (olds?.members === undefined) return [];
  const leaving = [...leavingMembers(olds, news), ...stayingDisrupted(olds, news)];
  const vanished = operation.told.vanished();
  const limited = news.pools.filter(
    ({ name, limits }) => limits?.minReady !== undefined && leaving.some(({ pool }) => pool === name),
  );
  if (limited.length === 0) return [];
  try {
    const nodes = await operation.nodes();
    const changing = new Map(leaving.map(({ node, disruption }) => [node, disruption]));
    return limited.flatMap((pool) => explainShortage(pool, news, nodes, changing, vanished) ?? []);
  } catch (error) {
    const reason = `limits.minReady cannot be checked: ${errorText(error)}`;
    return [{ reason, rule: "limits.minReady" }];
  }
}

/**
 * Members that join in the same change count: they are Ready before anything leaves. Of those that reboot or rejoin, as many as
 * the pool allows are down at once. Pure.
 */
function explainShortage(
  { name, limits, maxUnavailable }: RosterPool,
  news: RosterInputs,
  nodes: readonly Node[],
  changing: ReadonlyMap<string, Disruption>,
  vanished: ReadonlySet<string>,
): Refusal | undefined {
  const needed = limits?.minReady ?? 0;
  const ready = news.members.filter(({ node, pool, maintenance }) => {
    if (pool !== name || maintenance || vanished.has(node)) return false;
    const found = nodeNamed(nodes, node);
    return found === undefined || isReady(found);
  });
  const away = ready.filter(({ node }) => ["reboot", "rejoin"].includes(changing.get(node) ?? "")).length;
  const staying = ready.length - Math.min(away, maxUnavailable);
  if (staying >= needed) return undefined;
  return {
    reason: `pool "${name}": ${staying} Ready nodes would stay, limits.minReady is ${needed}. Mend or add nodes first, or lower limits.minReady for this run`,
    rule: "limits.minReady",
    pool: name,
    nodes: [...changing.keys()].sort(),
    asked: staying,
    allowed: needed,
    yaml: `limits: { minReady: ${staying} }`,
  };
}

/**
 * Returns one text for each former member that is declared lost now and whose kubelet reports. Says nothing when the
 * cluster cannot be asked: the removal itself asks again.
 */
export async function lostButReady(
  operation: Operation,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  const former = new Set(olds?.members.map(({ node }) => node));
  const given = new Set(news.lost?.flatMap(({ node }) => (former.has(node) ? [node] : [])));
  if (given.size === 0) return [];
  const nodes = await operation.nodes().catch(() => []);
  return nodes
    .filter((node) => given.has(node.metadata?.name ?? ""))
    .flatMap((node) => whyNotLost(node) ?? []);
}

/**
 * Returns one text for each pool whose `prepare` installs a minor version other than the API server's on a host that
 * joins now. Says nothing when the cluster cannot be asked: the enrollment itself asks again.
 */
export async function unsuitablePreparations(
  operation: Operation,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  const former = new Set(olds?.members.map(({ node }) => node));
  const candidates = news.members.filter(({ node }) => !former.has(node));
  const pools = new Set(candidates.map(({ pool }) => pool));
  if (!news.pools.some(({ name, kubernetes }) => kubernetes !== undefined && pools.has(name))) return [];
  const cluster = await readCluster(operation);
  if (cluster === undefined) return [];
  const { serverVersion, nodes } = cluster;
  // A node that is there already is adopted, whatever its version.
  const joining = new Set(candidates.filter(({ node }) => !nodes.has(node)).map(({ pool }) => pool));
  const preparing = news.pools.filter(({ name }) => joining.has(name));
  const minor = parseKubernetesMinor(serverVersion);
  if (minor === undefined) return [];
  return preparing
    .filter(({ kubernetes }) => kubernetes !== undefined && parseKubernetesMinor(kubernetes) !== minor)
    .map(
      ({ name, kubernetes }) =>
        `pool "${name}": prepare.kubernetes is ${kubernetes}, the API server ${serverVersion}. kubeadm joins only a cluster of its own minor version: declare "${minor}"`,
    );
}

interface Cluster {
  readonly serverVersion: string;
  /** Names of its Nodes. */
  readonly nodes: ReadonlySet<string>;
}

async function readCluster(operation: Operation): Promise<Cluster | undefined> {
  try {
    const nodes = new Set((await operation.nodes()).map(({ metadata }) => metadata?.name ?? ""));
    return { nodes, serverVersion: await operation.kube.readServerVersion() };
  } catch {
    return undefined;
  }
}
