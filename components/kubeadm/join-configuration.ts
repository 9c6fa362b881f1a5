// Renders the file that `kubeadm join --config` reads. Pure.
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
  /** `host:port`, without a scheme. */
  readonly apiServerEndpoint: string;
  readonly caCertHashes: readonly string[];
  /** URL of the container runtime's socket. */
  readonly criSocket: string;
  /** Taints with which the node registers, so that no pod lands before them. */
  readonly taints: readonly Taint[];
  /** Labels of the pool; those that a kubelet may not set on itself are left to the API. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Last line of the rendered file: a host that has not received it joins nothing. */
export const endOfConfiguration = "# end of join configuration";

/** Returns the JoinConfiguration as YAML: v1beta4 for kubeadm 1.31 and later, v1beta3 before. */
export function renderJoinConfiguration(args: JoinConfigurationArgs): string {
  const version = parseKubernetesVersion(args.kubeadmVersion);
  if (version === undefined) {
    throw new Error(
      `render the join configuration of node "${args.nodeName}": kubeadm's version "${args.kubeadmVersion}" is not of the form v1.2.3`,
    );
  }
  const configuration = version.minor >= 31 ? v1beta4(args) : v1beta3(args);
  return `${stringify(configuration, { lineWidth: 0 })}${endOfConfiguration}\n`;
}

/** A token that was never signed or has expired shows within this time instead of kubeadm's five minutes. */
const discoveryTimeout = "1m0s";

function v1beta4(args: JoinConfigurationArgs): object {
  const kubeletArgs = Object.entries(kubeletExtraArgs(args)).map(([name, value]) => ({ name, value }));
  return {
    apiVersion: "kubeadm.k8s.io/v1beta4",
    kind: "JoinConfiguration",
    discovery: { bootstrapToken: bootstrapToken(args) },
    nodeRegistration: registration(args, kubeletArgs.length > 0 ? kubeletArgs : undefined),
    timeouts: { discovery: discoveryTimeout },
  };
}

function v1beta3(args: JoinConfigurationArgs): object {
  const kubeletArgs = kubeletExtraArgs(args);
  return {
    apiVersion: "kubeadm.k8s.io/v1beta3",
    kind: "JoinConfiguration",
    discovery: { bootstrapToken: bootstrapToken(args), timeout: discoveryTimeout },
    nodeRegistration: registration(args, Object.keys(kubeletArgs).length > 0 ? kubeletArgs : undefined),
  };
}

function bootstrapToken(args: JoinConfigurationArgs): object {
  return {
    token: args.token,
    apiServerEndpoint: args.apiServerEndpoint,
    caCertHashes: args.caCertHashes,
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
