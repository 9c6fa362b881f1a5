import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { kubeadmConfiguration } from "../../../../lab/control-plane/kubeadm-configuration.ts";

const files = { version: "v1.34.4", certificates: "/pki", etcdData: "/etcd", flannel: undefined };

it("renders the three documents that kubeadm reads, with the folders it is given", () => {
  const text = kubeadmConfiguration(files);
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  expect(documents.map(({ kind }) => kind)).toEqual([
    "InitConfiguration",
    "ClusterConfiguration",
    "KubeletConfiguration",
  ]);
  expect(documents[1]).toMatchObject({
    kubernetesVersion: "v1.34.4",
    certificatesDir: "/pki",
    controlPlaneEndpoint: "10.89.0.1:6443",
    etcd: { local: { dataDir: "/etcd" } },
  });
});

it("tells kubeadm the pods' addresses and kube-proxy its mode where flannel is the network", () => {
  const text = kubeadmConfiguration({ ...files, flannel: { backend: "vxlan", proxyMode: "nftables" } });
  const documents = parseAllDocuments(text).map((document) => document.toJS());
  expect(documents[1]).toMatchObject({ networking: { podSubnet: "10.244.0.0/16" } });
  expect(documents[3]).toMatchObject({ kind: "KubeProxyConfiguration", mode: "nftables" });
});
