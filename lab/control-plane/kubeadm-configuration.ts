// Writes the configuration that kubeadm makes the cluster from. Pure.
import { nodeStatusUpdateFrequency } from "../clocks.ts";
import { gatewayAddress } from "../network/namespace.ts";

/** Range of the services' addresses. */
export const serviceSubnet = "10.96.0.0/16";

/** Where kubeadm looks for and puts the cluster's own files. */
export interface ClusterFiles {
  /** Version of Kubernetes, as in `v1.34.4`. */
  readonly version: string;
  readonly certificates: string;
  readonly etcdData: string;
}

/** Renders the documents as JSON, which is YAML. */
export function kubeadmConfiguration(files: ClusterFiles): string {
  const kubeadm = "kubeadm.k8s.io/v1beta4";
  const documents = [
    {
      apiVersion: kubeadm,
      kind: "InitConfiguration",
      // kubeadm insists on making one token; this one is gone before anybody could use it.
      bootstrapTokens: [{ ttl: "1s" }],
      localAPIEndpoint: { advertiseAddress: gatewayAddress, bindPort: 6443 },
      nodeRegistration: { name: "control-plane", criSocket: "unix:///run/containerd/containerd.sock" },
    },
    {
      apiVersion: kubeadm,
      kind: "ClusterConfiguration",
      kubernetesVersion: files.version,
      certificatesDir: files.certificates,
      controlPlaneEndpoint: `${gatewayAddress}:6443`,
      networking: { serviceSubnet },
      apiServer: { certSANs: ["127.0.0.1", "localhost"] },
      etcd: { local: { dataDir: files.etcdData } },
    },
    {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      cgroupDriver: "cgroupfs",
      failSwapOn: false,
      nodeStatusUpdateFrequency,
    },
  ];
  return documents.map((document) => JSON.stringify(document)).join("\n---\n");
}
