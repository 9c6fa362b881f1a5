// What a joining host must match of the cluster: endpoint, CA, version, Nodes.
import type { KubeApi, Node } from "../../kube/api.ts";
import { caCertHashes } from "../../kubeadm/ca-hash.ts";
import { parseClusterInfo } from "../../kubeadm/cluster-info.ts";
import type { VerdictFacts } from "../../kubeadm/verdict.ts";
import { ownerAnnotation } from "../../model/owner.ts";
import { readyStatus } from "../membership/observe.ts";
import { recentNodes } from "../node-list.ts";
import type { EnrollmentInputs } from "./state.ts";

/** Holds what the API server says of its cluster. */
export interface ClusterFacts {
  /** host:port that kubeadm joins at. */
  readonly endpoint: string;
  /** One `sha256:` hash per CA certificate. */
  readonly caHashes: readonly string[];
  readonly serverVersion: string;
  readonly nodes: readonly Node[];
}

/** Reads the facts; refuses a cluster-info whose CA is not the kubeconfig's. */
export async function readClusterFacts(api: KubeApi): Promise<ClusterFacts> {
  const [nodes, serverVersion, data] = await Promise.all([
    recentNodes(api),
    api.readServerVersion(),
    api.readConfigMap("kube-public", "cluster-info"),
  ]);
  if (data === undefined) {
    throw new Error(
      "reading kube-public/cluster-info: it does not exist. Run `kubeadm init phase bootstrap-token` on a control-plane node",
    );
  }
  const info = parseClusterInfo(data);
  const caHashes = caCertHashes(info.caBundle);
  const trusted = caCertHashes(api.caBundle);
  if (!caHashes.some((hash) => trusted.includes(hash))) {
    throw new Error(
      `checking kube-public/cluster-info: its CA (${caHashes.join(", ")}) is not the kubeconfig's (${trusted.join(", ")}). Is the kubeconfig of this cluster?`,
    );
  }
  return { endpoint: new URL(info.server).host, caHashes, serverVersion, nodes };
}

/** Puts together what the verdict on one host rests on. Pure. */
export function verdictFacts(inputs: EnrollmentInputs, cluster: ClusterFacts): VerdictFacts {
  const named = cluster.nodes.find((node) => node.metadata?.name === inputs.node);
  return {
    nodeName: inputs.node,
    owner: inputs.owner,
    caHashes: cluster.caHashes,
    serverVersion: cluster.serverVersion,
    ...(named && { node: describeNode(named) }),
    otherNodes: cluster.nodes
      .filter((node) => node !== named)
      .map((node) => ({ name: node.metadata?.name ?? "", machineId: node.status?.nodeInfo?.machineID ?? "" })),
    now: new Date(),
  };
}

function describeNode(node: Node) {
  const labels = node.metadata?.labels ?? {};
  const owner = node.metadata?.annotations?.[ownerAnnotation];
  return {
    machineId: node.status?.nodeInfo?.machineID ?? "",
    ready: readyStatus(node) === "True",
    controlPlane: "node-role.kubernetes.io/control-plane" in labels,
    unschedulable: node.spec?.unschedulable === true,
    ...(owner !== undefined && { owner }),
  };
}
