// Which Nodes of a cluster are declared, and how they make pools.
import { describe, expect, it } from "vitest";
import { findWorkers } from "../../../components/import/cluster-nodes.ts";
import type { FoundNode } from "../../../components/import/found-node.ts";
import { makePools } from "../../../components/import/pools.ts";
import type { Node } from "../../../components/kube/api.ts";
import { markLabels } from "../../support/marks.ts";

const internal = { addressType: "InternalIP" };

function node(name: string, labels: Record<string, string> = {}, spec: Node["spec"] = {}): Node {
  return {
    metadata: { name, labels: { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", ...labels } },
    spec,
    status: {
      addresses: [
        { type: "Hostname", address: name },
        { type: "InternalIP", address: `192.0.2.${/\d+$/.exec(name)?.[0]}` },
      ],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

const found = (
  name: string,
  labels: Record<string, string> = {},
  more: Partial<FoundNode> = {},
): FoundNode => ({
  ...{ name, address: "192.0.2.1", labels, taints: [], cordoned: false },
  ...more,
});
const hostsByPool = (...nodes: readonly FoundNode[]) =>
  Object.fromEntries(makePools(nodes).map(({ name, hosts }) => [name, hosts.map((host) => host.name)]));

describe("the workers of a cluster", () => {
  it("are its Nodes with what people have set, in the order of their names", () => {
    const system = [
      { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" },
      { key: "dedicated", value: "batch", effect: "NoSchedule" },
    ];
    const labels = {
      "example.com/tier": "general",
      "node-role.kubernetes.io/worker": "",
      "topology.kubernetes.io/zone": "a",
      "node.kubernetes.io/instance-type": "large",
      "feature.node.kubernetes.io/cpu": "x",
      "nvidia.com/gpu.present": "true",
      "nodepools.local/odd": "x",
    };
    const nodes = [node("w10"), node("w2", labels, { unschedulable: true, taints: system })];
    expect(findWorkers(nodes, internal)).toEqual({
      notes: [],
      nodes: [
        {
          ...{ name: "w2", address: "192.0.2.2", cordoned: true },
          labels: {
            "example.com/tier": "general",
            "node-role.kubernetes.io/worker": "",
            "topology.kubernetes.io/zone": "a",
          },
          taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }],
        },
        { name: "w10", address: "192.0.2.10", cordoned: false, labels: {}, taints: [] },
      ],
    });
  });

  it.each([
    [node("m1", { "node-role.kubernetes.io/control-plane": "" }), "a node of the control plane"],
    [
      node("m2", {}, { taints: [{ key: "node-role.kubernetes.io/master", effect: "NoSchedule" }] }),
      "a node of the control plane",
    ],
    [node("v1", { "kubernetes.io/os": "windows" }), "it does not run Linux"],
    [{ ...node("w1"), status: {} }, "no address of type InternalIP; it has none"],
    [node("w1", markLabels({ owner: "a/b/c", pool: "d" })), "a node of stack "],
  ])("leave out %#, and say why", (other, why) => {
    const { nodes, notes } = findWorkers([other], internal);
    expect(nodes).toEqual([]);
    expect(notes).toEqual([expect.stringContaining(why)]);
  });

  it("belong to the pool that a label names", () => {
    const nodes = [node("w1", { pool: "GPU_a" }), node("w2"), node("w3", { pool: "-" })];
    const { nodes: taken, notes } = findWorkers(nodes, { ...internal, poolLabel: "pool" });
    expect(taken.map(({ name, pool }) => [name, pool])).toEqual([["w1", "gpu-a"]]);
    expect(notes).toEqual([
      "w2 is left out: it has no label pool",
      "w3 is left out: its label pool=- makes no name of a pool",
    ]);
  });
});

describe("pools", () => {
  it("are one, named workers, of nodes that are alike but for what is each host's own", () => {
    const zone = "topology.kubernetes.io/zone";
    const nodes = [
      found("w1", { tier: "a", rack: "1", [zone]: "x" }),
      found("w2", { tier: "a", rack: "2", [zone]: "y" }),
      found("w3", { tier: "a", rack: "3", [zone]: "y" }),
    ];
    expect(makePools(nodes)).toEqual([
      {
        name: "workers",
        labels: { tier: "a" },
        hosts: ["x", "y", "y"].map((value, at) => ({
          ...{ name: `w${at + 1}`, address: "192.0.2.1" },
          labels: { rack: String(at + 1), [zone]: value },
        })),
      },
    ]);
  });

  it("are named by the label that tells them apart, by their roles, or by numbers", () => {
    const tiers = [found("w1", { a: "x", tier: "web" }), found("w2", { a: "x", tier: "web" })];
    const others = [found("w3", { a: "x", tier: "db" }), found("w4", { a: "x", tier: "db" })];
    expect(hostsByPool(...tiers, ...others)).toEqual({ web: ["w1", "w2"], db: ["w3", "w4"] });
    const role = (name: string) => ({ [`node-role.kubernetes.io/${name}`]: "" });
    expect(hostsByPool(found("w1", role("ingress")), found("w2", role("batch")))).toEqual({
      ingress: ["w1"],
      batch: ["w2"],
    });
    const taints = [{ key: "a", effect: "NoSchedule" as const }];
    expect(hostsByPool(found("w1"), found("w2", {}, { taints }))).toEqual({
      "workers-1": ["w1"],
      "workers-2": ["w2"],
    });
  });

  it("that are named have only what all of their nodes have; the rest is their hosts'", () => {
    const taint = { key: "a", value: "b", effect: "NoSchedule" as const };
    const nodes = [
      found("w1", { pool: "gpu", x: "1" }, { pool: "gpu", taints: [taint] }),
      found("w2", { pool: "gpu" }, { pool: "gpu", cordoned: true }),
    ];
    expect(makePools(nodes)).toEqual([
      {
        name: "gpu",
        labels: { pool: "gpu" },
        hosts: [
          { name: "w1", address: "192.0.2.1", labels: { x: "1" }, taints: [taint] },
          { name: "w2", address: "192.0.2.1", state: "cordoned" },
        ],
      },
    ]);
  });
});
