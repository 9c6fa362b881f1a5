// Refuses, at preview, to prepare hosts for another version of Kubernetes than they could join with.
import type { KubeApi } from "../../kube/api.ts";
import { parseKubernetesMinor } from "../../kubeadm/version.ts";
import { recentNodes } from "../node-list.ts";
import type { RosterInputs } from "./state.ts";

/**
 * Returns one text for each pool whose `prepare` installs a minor version other than the API server's on a host that
 * joins now. Says nothing when the cluster cannot be asked: the enrollment itself asks again.
 */
export async function unsuitablePreparations(
  connect: () => KubeApi,
  olds: RosterInputs | undefined,
  news: RosterInputs,
): Promise<string[]> {
  const former = new Set(olds?.members.map(({ node }) => node));
  const candidates = news.members.filter(({ node }) => !former.has(node));
  const pools = new Set(candidates.map(({ pool }) => pool));
  if (!news.pools.some(({ name, kubernetes }) => kubernetes !== undefined && pools.has(name))) return [];
  const cluster = await readCluster(connect);
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

async function readCluster(connect: () => KubeApi): Promise<Cluster | undefined> {
  try {
    const api = connect();
    const nodes = new Set((await recentNodes(api)).map(({ metadata }) => metadata?.name ?? ""));
    return { nodes, serverVersion: await api.readServerVersion() };
  } catch {
    return undefined;
  }
}
