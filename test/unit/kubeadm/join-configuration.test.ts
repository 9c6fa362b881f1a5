import { describe, expect, it } from "vitest";
import { mayKubeletSet, renderJoinConfiguration } from "../../../components/kubeadm/join-configuration.ts";

const args = {
  kubeadmVersion: "v1.34.4",
  nodeName: "w1",
  token: "abcdef.0123456789abcdef",
  server: "https://10.89.0.1:6443",
  caBundle: "PEM",
  criSocket: "unix:///run/containerd/containerd.sock",
  taints: [
    { key: "dedicated", value: "batch", effect: "NoSchedule" },
    { key: "spot", effect: "NoExecute" },
  ],
  labels: { tier: "general", "node-role.kubernetes.io/worker": "", "node.kubernetes.io/kind": "fast" },
} as const;

describe("renderJoinConfiguration", () => {
  it("J-14a writes v1beta4 for kubeadm 1.31 and later", () => {
    expect(renderJoinConfiguration(args)).toBe(`apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery:
  file:
    kubeConfigPath: cluster.conf
nodeRegistration:
  name: w1
  criSocket: unix:///run/containerd/containerd.sock
  taints:
    - key: dedicated
      value: batch
      effect: NoSchedule
    - key: spot
      effect: NoExecute
  kubeletExtraArgs:
    - name: node-labels
      value: tier=general,node.kubernetes.io/kind=fast
timeouts:
  discovery: 1m0s
---
apiVersion: v1
kind: Config
clusters:
  - name: cluster
    cluster:
      server: https://10.89.0.1:6443
      certificate-authority-data: UEVN
users:
  - name: cluster
    user:
      token: abcdef.0123456789abcdef
contexts:
  - name: cluster
    context:
      cluster: cluster
      user: cluster
current-context: cluster
# end of join configuration
`);
  });

  it("writes v1beta3 before, with the kubelet's arguments as a map", () => {
    const text = renderJoinConfiguration({ ...args, kubeadmVersion: "v1.30.9" });
    expect(text).toContain("apiVersion: kubeadm.k8s.io/v1beta3\n");
    expect(text).toContain(
      "  kubeletExtraArgs:\n    node-labels: tier=general,node.kubernetes.io/kind=fast\n",
    );
    expect(text).toContain("    kubeConfigPath: cluster.conf\n  timeout: 1m0s\n");
    expect(text).not.toContain("timeouts:");
  });

  it("has no kubelet arguments without labels that it may set, and an empty list of taints without taints", () => {
    const text = renderJoinConfiguration({ ...args, taints: [], labels: { "kubernetes.io/x": "y" } });
    expect(text).not.toContain("kubeletExtraArgs");
    expect(text).toContain("  taints: []\n");
  });

  it("keeps text that YAML would read as another type", () => {
    const taints = [{ key: "on", value: "true", effect: "NoSchedule" }] as const;
    const text = renderJoinConfiguration({
      ...args,
      nodeName: "1e3",
      token: "123456.0123456789012345",
      taints,
    });
    expect(text).toContain('name: "1e3"\n');
    expect(text).toContain('token: "123456.0123456789012345"\n');
    expect(text).toContain('value: "true"\n');
  });

  it("refuses a version that it cannot read", () => {
    expect(() => renderJoinConfiguration({ ...args, kubeadmVersion: "latest" })).toThrow('"latest"');
  });
});

describe("mayKubeletSet", () => {
  it.each([
    ["tier", true],
    ["example.com/tier", true],
    ["kubernetes.io/hostname", true],
    ["topology.kubernetes.io/zone", true],
    ["node.kubernetes.io/anything", true],
    ["a.kubelet.kubernetes.io/x", true],
    ["notkubernetes.io/x", true],
    ["kubernetes.io/role", false],
    ["node-role.kubernetes.io/worker", false],
    ["node-restriction.kubernetes.io/x", false],
    ["x.k8s.io/y", false],
    ["k8s.io/y", false],
  ])("%s: %s", (key, allowed) => {
    expect(mayKubeletSet(key)).toBe(allowed);
  });
});
