// What a joining host must match: the cluster's endpoint, CA, version and Nodes, and no other entry of this run.
import { listNames } from "../../drain/report.ts";
import type { KubeApi, Node } from "../../kube/api.ts";
import { isReady } from "../../kube/node-ready.ts";
import { caCertHashes, onlyPinned } from "../../kubeadm/ca-hash.ts";
import { clusterCaHashes } from "../../kubeadm/cluster-ca.ts";
import { parseClusterInfo } from "../../kubeadm/cluster-info.ts";
import { parsePublished } from "../../kubeadm/published-yaml.ts";
import { renewMachineId } from "../../kubeadm/twins.ts";
import type { ClusterFacts, KnownNode } from "../../kubeadm/verdict.ts";
import { hashOwner } from "../../model/mark-values.ts";
import { readMarks } from "../../model/node-marks.ts";
import { nameOf, nodeNamed, twinsOf } from "../identity.ts";
import type { Operation } from "../operation.ts";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/** What the API server says of its cluster, which is the same for all hosts. */
interface PublishedState {
  /** URL of the API server that kubeadm joins at. */
  readonly server: string;
  /** Certificate authorities of the cluster, as PEM. */
  readonly caBundle: string;
  /** One `sha256:` hash per CA certificate. */
  readonly caHashes: readonly string[];
  readonly serverVersion: string;
  readonly swapAllowed: boolean;
  /** `failCgroupV1` of the kubelet configuration, where it says so. */
  readonly failCgroupV1?: boolean;
  readonly protectKernelDefaults?: true;
  /** Its `resolvConf`: a path on every host. */
  readonly resolvConf?: string;
}

/** Holds what the API server says of its cluster. */
export interface ClusterState extends PublishedState {
  readonly nodes: readonly Node[];
}

/** Reads the state; refuses a cluster-info whose CA is neither the kubeconfig's nor the cluster's own. */
export async function readClusterState(operation: Operation): Promise<ClusterState> {
  const published = operation.shared("published state", () => readPublishedState(operation.kube));
  const [nodes, state] = await Promise.all([operation.nodes(), published]);
  return { ...state, nodes };
}

async function readPublishedState(api: KubeApi): Promise<PublishedState> {
  const [serverVersion, clusterInfo, kubeletConfig] = await Promise.all([
    api.readServerVersion(),
    api.readConfigMap("kube-public", "cluster-info"),
    api.readConfigMap("kube-system", "kubelet-config"),
  ]);
  if (clusterInfo === undefined) {
    throw new Error(
      "reading kube-public/cluster-info: it does not exist. Run `kubeadm init phase bootstrap-token` on a control-plane node",
    );
  }
  const { server, caBundle } = parseClusterInfo(clusterInfo);
  const published = caCertHashes(caBundle);
  const trusted = await clusterCaHashes(api, published);
  requireTrusted(published, trusted);
  // Whoever may write that one ConfigMap could add a CA of his own: hosts get what is known from elsewhere as well.
  const proven = onlyPinned(caBundle, trusted);
  const demands = readKubeletConfiguration(kubeletConfig?.kubelet);
  return { server, caBundle: proven, caHashes: caCertHashes(proven), serverVersion, ...demands };
}

function requireTrusted(published: readonly string[], trusted: readonly string[]): void {
  if (published.some((hash) => trusted.includes(hash))) return;
  throw new Error(
    `checking kube-public/cluster-info: its CA (${listNames(published)}) is neither the kubeconfig's nor the one in kube-system/kube-root-ca.crt (${listNames(trusted) || "none"}). Is the kubeconfig of this cluster?`,
  );
}

function readKubeletConfiguration(
  text = "",
): Pick<ClusterState, "swapAllowed" | "failCgroupV1" | "protectKernelDefaults" | "resolvConf"> {
  const parsed = parsePublished("kube-system/kubelet-config", text);
  const { failSwapOn, failCgroupV1, protectKernelDefaults, resolvConf } = (parsed ?? {}) as Record<
    string,
    unknown
  >;
  return {
    swapAllowed: failSwapOn === false,
    ...(protectKernelDefaults === true && { protectKernelDefaults }),
    ...(typeof failCgroupV1 === "boolean" && { failCgroupV1 }),
    ...(typeof resolvConf === "string" &&
      resolvConf.startsWith("/") &&
      !resolvConf.includes("\n") && { resolvConf }),
  };
}

/** Puts together what the verdict on one host rests on. Pure. */
export function verdictFacts(
  inputs: EnrollmentInputs,
  cluster: ClusterState,
  machineId: string,
  enrolled: ReadonlyMap<string, Pick<EnrollmentOutputs, "machineId">>,
): Omit<ClusterFacts, "now"> {
  const named = nodeNamed(cluster.nodes, inputs.node);
  const twins = twinsOf(cluster.nodes, inputs.node, machineId);
  return {
    nodeName: inputs.node,
    owner: inputs.owner,
    caHashes: cluster.caHashes,
    serverVersion: cluster.serverVersion,
    swapAllowed: cluster.swapAllowed,
    ...(named && { node: describeNode(named, inputs.owner) }),
    twins: twins.map((name) => ({ name, isEnrolled: enrolled.get(name)?.machineId === machineId })),
  };
}

function describeNode(node: Node, ours: string): KnownNode {
  const { owner: stamp } = readMarks(node);
  const owner = stamp?.hash === hashOwner(ours) ? ours : stamp && nameOf(stamp);
  return {
    machineId: node.status?.nodeInfo?.machineID ?? "",
    ready: isReady(node),
    controlPlane: "node-role.kubernetes.io/control-plane" in (node.metadata?.labels ?? {}),
    ...(owner !== undefined && { owner }),
  };
}

/** Refuses a machine that another entry enrolled in this run: neither has a Node yet that would give it away. */
export function refuseTwin(
  enrolledMachines: Map<string, string>,
  machineId: string,
  inputs: EnrollmentInputs,
): void {
  const twin = enrolledMachines.get(machineId) ?? inputs.node;
  enrolledMachines.set(machineId, twin);
  if (twin === inputs.node) return;
  throw new Error(
    `enrolling host "${inputs.node}" at ${inputs.host.address}: host "${twin}" has the same machine-id ${machineId}. Remove one of the two entries if they are one machine; if one is a clone, ${renewMachineId}`,
  );
}
