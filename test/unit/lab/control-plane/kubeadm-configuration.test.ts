import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { kubeadmConfiguration } from "../../../../lab/control-plane/kubeadm-configuration.ts";

it("renders the three documents that kubeadm reads, with the folders it is given", () => {
  const text = kubeadmConfiguration({ version: "v1.34.4", certificates: "/pki", etcdData: "/etcd" });
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
