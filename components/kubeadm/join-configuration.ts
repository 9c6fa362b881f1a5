// Renders what join.sh finds: the file for `kubeadm join --config`, and the kubeconfig that it names. Pure.
import { stringify } from "yaml";
import type { Taint } from "../model/taint.ts";
import { parseKubernetesVersion } from "./version.ts";

/** Holds what one worker's join needs to know. */
export interface JoinConfigurationArgs {
  /** Version of the host's kubeadm, which decides the file's format. */
  readonly kubeadmVersion: string;
  readonly nodeName: string;
  /** Bootstrap token; makes the rendered text a secret. */
  readonly token: string;
  /** URL of the API server. */
  readonly server: string;
  /** Certificate authorities of the cluster, as PEM. */
  readonly caBundle: string;
  /** URL of the container runtime's socket. */
  readonly criSocket: string;
  /** Taints with which the node registers, so that no pod lands before them. */
  readonly taints: readonly Taint[];
  /** Labels of the pool; those that a kubelet may not set on itself are left to the API. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Last line of the rendered file: a host that has not received it joins nothing. */
export const endOfConfiguration = "# end of join configuration";

/**
 * Returns two YAML documents: the JoinConfiguration, v1beta4 for kubeadm 1.31 and later, v1beta3 before; and the
 * kubeconfig with which the host finds and trusts the cluster. Unlike the discovery by token alone, that needs neither
 * anonymous requests nor the signature of cluster-info.
 */
export function renderJoinConfiguration(args: JoinConfigurationArgs): string {
  const version = parseKubernetesVersion(args.kubeadmVersion);
  if (version === undefined) {
    throw new Error(
      `rendering the join configuration of node "${args.nodeName}": kubeadm's version "${args.kubeadmVersion}" is not of the form v1.2.3`,
    );
  }
  const configuration = version.minor >= 31 ? v1beta4(args) : v1beta3(args);
  const documents = [configuration, kubeconfig(args)].map((document) =>
    stringify(document, { lineWidth: 0 }),
  );
  return `${documents.join("---\n")}${endOfConfiguration}\n`;
}

/** A token that has expired shows within this time instead of kubeadm's five minutes. */
const discoveryTimeout = "1m0s";
/** Relative to the folder in which join.sh runs kubeadm. */
const file = { kubeConfigPath: "cluster.conf" };

function v1beta4(args: JoinConfigurationArgs): object {
  const kubeletArgs = Object.entries(kubeletExtraArgs(args)).map(([name, value]) => ({ name, value }));
  return {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "JoinConfiguration",
    discovery: { file },
    nodeRegistration: registration(args, kubeletArgs.length > 0 ? kubeletArgs : undefined),
    timeouts: { discovery: discoveryTimeout },
  };
}

function v1beta3(args: JoinConfigurationArgs): object {
  const kubeletArgs = kubeletExtraArgs(args);
  return {
    apiVersion: "kubeadm.k8s.io/v1beta3",
    kind: "JoinConfiguration",
    discovery: { file, timeout: discoveryTimeout },
    nodeRegistration: registration(args, Object.keys(kubeletArgs).length > 0 ? kubeletArgs : undefined),
  };
}

function kubeconfig({ token, server, caBundle }: JoinConfigurationArgs): object {
  const name = "cluster";
  const certificates = Buffer.from(caBundle).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": certificates } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
}

function registration(args: JoinConfigurationArgs, kubeletArgs: object | undefined): object {
  return {
    name: args.nodeName,
    criSocket: args.criSocket,
    taints: args.taints.map(({ key, value, effect }) => ({
      key,
      ...(value === undefined ? {} : { value }),
      effect,
    })),
    ...(kubeletArgs === undefined ? {} : { kubeletExtraArgs: kubeletArgs }),
  };
}

function kubeletExtraArgs(args: JoinConfigurationArgs): Record<string, string> {
  const labels = Object.entries(args.labels)
    .filter(([key]) => mayKubeletSet(key))
    .map(([key, value]) => `${key}=${value}`);
  return labels.length === 0 ? {} : { "node-labels": labels.join(",") };
}

/** Label keys of Kubernetes' own domains that a kubelet may set on its Node. */
const kubeletLabels = new Set([
  "beta.kubernetes.io/arch",
  "beta.kubernetes.io/instance-type",
  "beta.kubernetes.io/os",
  "failure-domain.beta.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "kubernetes.io/arch",
  "kubernetes.io/hostname",
  "kubernetes.io/os",
  "node.kubernetes.io/instance-type",
  "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone",
]);

/**
 * Tells whether a kubelet may set a label on its own Node; with any other it exits
 * (source: kubernetes, cmd/kubelet/app/options/options.go and k8s.io/kubelet/pkg/apis/well_known_labels.go).
 */
export function mayKubeletSet(key: string): boolean {
  const domain = key.includes("/") ? key.slice(0, key.indexOf("/")) : "";
  const within = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
  if (within("kubelet.kubernetes.io") || within("node.kubernetes.io") || kubeletLabels.has(key)) {
    return true;
  }
  return !within("kubernetes.io") && !within("k8s.io");
}
