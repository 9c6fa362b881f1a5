// The worker nodes among the Nodes of a cluster, with what people have set on them. Pure.
import type { Node } from "../kube/api.ts";
import { showControls } from "../model/foreign-text.ts";
import { readMarks } from "../model/node-marks.ts";
import { type Taint, taintEffects } from "../model/taint.ts";
import { metadataKeyFault, metadataValueFault, nodeNameFault } from "../settings/kubernetes-syntax.ts";
import { type Found, type FoundNode, poolNameOf } from "./found-node.ts";

/** How Nodes are read. */
export interface Reading {
  /** Type of the address at which a host is logged in to, such as InternalIP. */
  readonly addressType: string;
  /** Label whose value is a node's pool. */
  readonly poolLabel?: string | undefined;
}

/** Takes the workers out of all Nodes, in the order of their names. */
export function findWorkers(nodes: readonly Node[], reading: Reading): Found {
  const named = nodes.map((node) => ({ node, name: node.metadata?.name ?? "" }));
  const sorted = named.sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
  const judged = sorted.map(({ node, name }) => ({ name, node, why: whyLeftOut(node, reading) }));
  const taken = judged.filter(({ why }) => why === undefined);
  return {
    nodes: taken.map(({ node }) => readNode(node, reading)),
    notes: [
      ...judged.flatMap(({ name, why }) => (why ? [showControls(`${name} is left out: ${why}`)] : [])),
      ...taken.filter(({ node }) => !isReady(node)).map(({ name }) => `${name} is not Ready`),
    ],
  };
}

const controlPlane = /^node-role\.kubernetes\.io\/(control-plane|master|etcd|controlplane)$/;

function whyLeftOut(node: Node, reading: Reading): string | undefined {
  const { labels = {}, name = "" } = node.metadata ?? {};
  const keys = [...Object.keys(labels), ...(node.spec?.taints ?? []).map(({ key }) => key)];
  if (keys.some((key) => controlPlane.test(key))) return "it is a node of the control plane";
  if ((labels["kubernetes.io/os"] ?? "linux") !== "linux") return "it does not run Linux";
  const { owner } = readMarks(node);
  if (owner !== undefined)
    return `it is a node of stack ${owner.name ?? `with hash ${owner.hash}`} of this program`;
  if (nodeNameFault(name) !== undefined) return "its name is not a Node name";
  if (addressOf(node, reading) === undefined)
    return `it has no address of type ${reading.addressType}; it has ${addressTypes(node)}`;
  return poolFault(labels, reading);
}

function poolFault(labels: Readonly<Record<string, string>>, { poolLabel }: Reading): string | undefined {
  if (poolLabel === undefined || poolNameOf(labels[poolLabel] ?? "") !== undefined) return undefined;
  const value = labels[poolLabel];
  return value === undefined
    ? `it has no label ${poolLabel}`
    : `its label ${poolLabel}=${value} makes no name of a pool`;
}

function addressOf({ status }: Node, { addressType }: Reading): string | undefined {
  return status?.addresses?.find(({ type }) => type === addressType)?.address;
}

function addressTypes({ status }: Node): string {
  return (status?.addresses ?? []).map(({ type }) => type).join(", ") || "none";
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

function readNode(node: Node, reading: Reading): FoundNode {
  const { name = "", labels = {} } = node.metadata ?? {};
  const pool = reading.poolLabel && poolNameOf(labels[reading.poolLabel] ?? "");
  return {
    name,
    address: addressOf(node, reading) ?? "",
    labels: ownLabels(labels),
    taints: ownTaints(node.spec?.taints ?? []),
    cordoned: node.spec?.unschedulable === true,
    ...(pool && { pool }),
  };
}

// Written by kubelets, cloud providers and operators, which would set them again, or differently.
const controllers =
  /(^|\.)(kubernetes\.io|k8s\.io|cilium\.io|projectcalico\.org|nvidia\.com|intel\.com|amd\.com|openebs\.io|ceph\.com|longhorn\.io|kubevirt\.io|cattle\.io|openshift\.io|karpenter\.sh|linbit\.com|metallb\.io|kubeovn\.io)\//;
const peoples = /^(node-role|topology)\.kubernetes\.io\//;

/** Returns the labels that people set, as far as they can be declared. */
export function ownLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(labels).filter(
    ([key, value]) =>
      (!controllers.test(key) || peoples.test(key)) &&
      metadataKeyFault(key, "label") === undefined &&
      metadataValueFault(value, "label") === undefined,
  );
  return Object.fromEntries(own.sort());
}

/** Returns the taints that people set, as far as they can be declared. */
export function ownTaints(
  taints: readonly { readonly key: string; readonly value?: string; readonly effect: string }[],
): Taint[] {
  return taints.flatMap(({ key, value, effect: given }) => {
    const effect = taintEffects.find((known) => known === given);
    const isOwn = !controllers.test(key) && metadataKeyFault(key, "taint") === undefined;
    const isWritable = metadataValueFault(value ?? "", "taint") === undefined;
    return effect && isOwn && isWritable ? [{ key, ...(value && { value }), effect }] : [];
  });
}
