// Every rule for labels, annotations and taints, with its exact message.
import { describe, expect, it } from "vitest";
import { config, host, pool, problemsOf } from "./declared.ts";

const withPool = (more: object) => problemsOf(config({ pools: [pool(more)] }));
const withHost = (more: object) => withPool({ hosts: [host("w1", "10.0.0.1", more)] });

const keyRule =
  'allowed: a name of 1 to 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, after an optional DNS name and "/", as in example.com/tier.';
const long = "a".repeat(64);

describe("J-21 labels and annotations", () => {
  it.each([
    [
      "tier",
      long,
      `"${long}" is not a label value; allowed: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, or nothing.`,
    ],
    [
      "tier",
      "a b",
      '"a b" is not a label value; allowed: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, or nothing.',
    ],
    ["tier", 1, '1 is not a label value. Write it in quotes: "1".'],
    ["tier", true, 'true is not a label value. Write it in quotes: "true".'],
  ])("refuses the label %s=%j", (key, value, text) => {
    expect(withPool({ labels: { [key]: value } })).toEqual([`pools[0].labels.${key}: ${text}`]);
  });

  it.each(["a b", "/a", "a/b/c", "UPPER.example/a", long, "", "-a"])("refuses the label key %j", (key) => {
    expect(withPool({ labels: { [key]: "x" } })).toHaveLength(1);
    expect(withPool({ labels: { [key]: "x" } })[0]).toMatch(/^pools\[0\]\.labels/);
    expect(withPool({ labels: { [key]: "x" } })[0]).toContain(
      `${JSON.stringify(key)} is not a label key; ${keyRule}`,
    );
  });

  it.each([
    ["labels", "kubernetes.io/hostname", "the kubelet sets it"],
    [
      "labels",
      "node-role.kubernetes.io/control-plane",
      "it marks control-plane nodes, which pools do not own",
    ],
    ["labels", "nodepools.local/owner", "this program stamps its nodes with such keys"],
    ["annotations", "nodepools.local/owner", "this program stamps its nodes with such keys"],
    ["annotations", "kubeadm.alpha.kubernetes.io/cri-socket", "kubeadm, the kubelet or a controller sets it"],
  ])("refuses the reserved key %s %s", (field, key, owner) => {
    expect(withHost({ [field]: { [key]: "x" } })).toEqual([
      `pools[0].hosts[0].${field}["${key}"]: "${key}" is reserved: ${owner}. Remove it, or choose a key of your own.`,
    ]);
  });

  it("accepts what Kubernetes accepts", () => {
    const labels = {
      tier: "",
      "node-role.kubernetes.io/worker": "",
      "node.kubernetes.io/exclude-from-external-load-balancers": "",
      "topology.kubernetes.io/zone": "Z_1.a",
    };
    expect(withPool({ labels, annotations: { "example.com/note": "any text,\nof any length" } })).toEqual([]);
  });
});

describe("J-21 taints", () => {
  it.each([
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/unschedulable",
    "node.kubernetes.io/disk-pressure",
    "node.cloudprovider.kubernetes.io/uninitialized",
  ])("refuses the reserved taint %s", (key) => {
    expect(withPool({ taints: [{ key, effect: "NoSchedule" }] })).toEqual([
      `pools[0].taints[0].key: "${key}" is reserved: Kubernetes sets and removes it with the node's condition. Remove it, or choose a key of your own.`,
    ]);
  });

  it.each([
    [
      { key: "gpu", effect: "NoScheduel" },
      'effect: "NoScheduel" is not a taint effect; allowed: NoSchedule, PreferNoSchedule, NoExecute. Did you mean "NoSchedule"?',
    ],
    [
      { key: "gpu" },
      "effect: missing. Give a taint effect; allowed: NoSchedule, PreferNoSchedule, NoExecute.",
    ],
    [{ key: "g pu", effect: "NoExecute" }, `key: "g pu" is not a taint key; ${keyRule}`],
    [
      { key: "gpu", value: "a b", effect: "NoExecute" },
      'value: "a b" is not a taint value; allowed: at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, or nothing.',
    ],
  ])("refuses the taint %j", (taint, text) => {
    expect(withPool({ taints: [taint] })).toEqual([`pools[0].taints[0].${text}`]);
  });

  it("refuses a taint's key and effect twice, and accepts another effect", () => {
    const gpu = { key: "gpu", effect: "NoSchedule" };
    expect(withHost({ taints: [gpu, { key: "gpu", effect: "NoExecute" }, { ...gpu, value: "x" }] })).toEqual([
      'pools[0].hosts[0].taints[2].key: "gpu" is already with the same effect in pools[0].hosts[0].taints[0]. Key and effect identify a taint: keep one.',
    ]);
  });
});
