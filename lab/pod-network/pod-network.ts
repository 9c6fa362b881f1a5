// Which networks the pods of a lab can have. Pure.

/** A network as most kubeadm clusters have it: flannel between the hosts, kube-proxy for services, CoreDNS for names. */
export interface FlannelNetwork {
  readonly backend: "vxlan" | "host-gw";
  /** How kube-proxy makes services. */
  readonly proxyMode: "iptables" | "nftables";
}

/** All networks by name. `bridge`, a bridge on each host, is up at once: its pods do not reach those of other hosts. */
export const podNetworks = {
  bridge: undefined,
  flannel: { backend: "vxlan", proxyMode: "iptables" },
  "flannel-host-gw": { backend: "host-gw", proxyMode: "iptables" },
  "flannel-nftables": { backend: "vxlan", proxyMode: "nftables" },
} as const satisfies Readonly<Record<string, FlannelNetwork | undefined>>;

/** Name of a network. */
export type PodNetworkName = keyof typeof podNetworks;

/** The names, for the command line. */
export const podNetworkNames = Object.keys(podNetworks) as PodNetworkName[];

/** Describes the network; undefined for the bridges, which need nothing in the cluster. */
export function flannelOf(name: PodNetworkName): FlannelNetwork | undefined {
  return podNetworks[name];
}

/** Range of all pods' addresses: the one in the file that flannel ships. */
export const podSubnet = "10.244.0.0/16";
