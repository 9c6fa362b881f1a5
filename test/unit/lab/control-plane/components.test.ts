import { describe, expect, it } from "vitest";
import { componentArguments, components } from "../../../../lab/control-plane/components.ts";

const folders = {
  certificates: "/pki",
  kubeconfigs: "/conf",
  etcdData: "/data",
  allocatesPodAddresses: false,
};

describe("componentArguments", () => {
  it("lets the controller manager sign cluster-info, without which no host could join", () => {
    const args = componentArguments("kube-controller-manager", folders);
    expect(args).toContainEqual(expect.stringMatching(/^--controllers=\*,bootstrapsigner,tokencleaner,-/));
    expect(args).toContain("--kubeconfig=/conf/controller-manager.conf");
  });

  it("lets kubelets authenticate with bootstrap tokens and keeps nodes to their own objects", () => {
    const args = componentArguments("kube-apiserver", folders);
    expect(args).toContain("--enable-bootstrap-token-auth=true");
    expect(args).toContain("--authorization-mode=Node,RBAC");
    expect(args).toContain("--client-ca-file=/pki/ca.crt");
  });

  it("gives nodes their part of the pods' addresses only where a network asks for it", () => {
    const of = (allocatesPodAddresses: boolean) =>
      componentArguments("kube-controller-manager", { ...folders, allocatesPodAddresses });
    expect(of(true)).toContain("--cluster-cidr=10.244.0.0/16");
    expect(of(false).join()).not.toContain("cidr");
  });

  it("sets no flag twice", () => {
    for (const component of components) {
      const flags = componentArguments(component, folders).map((argument) => argument.split("=")[0]);
      expect(new Set(flags).size).toBe(flags.length);
    }
  });
});
