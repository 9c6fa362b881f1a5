// What of a Node is not as it was settled, though the declaration is the same: it is set back, and nothing else follows.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { findDrift } from "../../../components/providers/membership/drift.ts";
import type { MembershipInputs } from "../../../components/providers/membership/state.ts";
import { markLabels } from "../../support/marks.ts";
import { machineId, membershipInputs, owner } from "../../support/provider-inputs.ts";

const declared = membershipInputs({
  labels: { tier: "general" },
  annotations: { note: "x" },
  taints: [
    { key: "dedicated", value: "web", effect: "NoSchedule" },
    { key: "bare", effect: "NoExecute" },
  ],
});

interface Changes {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Node["spec"];
  readonly machine?: string;
  readonly stamp?: Readonly<Record<string, string>>;
}

/** The Node as it was settled, with these changes by someone else. */
function nodeWith({ labels, annotations, spec, machine = machineId, stamp }: Changes = {}): Node {
  return {
    metadata: {
      name: "w1",
      labels: { ...(stamp ?? markLabels({ owner, pool: "workers" })), tier: "general", ...labels },
      annotations: { note: "x", ...annotations },
    },
    spec: { taints: [...declared.taints], ...spec },
    status: { nodeInfo: { machineID: machine } },
  } as unknown as Node;
}

const driftOf = (node: Node, news: MembershipInputs = declared, olds: MembershipInputs = declared) =>
  findDrift(olds, news, node).map(({ field, key = "", declared, found = "(gone)", severity }) =>
    [severity, field, key, declared, found].join(" "),
  );

describe("J-38 drift", () => {
  it("is nothing on a Node that is as declared, whatever others have added", () => {
    const foreign = { "example.com/foreign": "x" };
    const taints = [...declared.taints, { key: "hot", effect: "NoSchedule" }];
    const node = nodeWith({ labels: foreign, annotations: foreign, spec: { taints, unschedulable: true } });
    expect(driftOf(node)).toEqual([]);
  });

  it("is each owned key that was changed or taken away; a taint that evicts is a warning", () => {
    const taints = [{ key: "dedicated", value: "db", effect: "NoSchedule" }];
    const changed = nodeWith({ labels: { tier: "hacked" }, annotations: { note: "" }, spec: { taints } });
    expect(driftOf(changed)).toEqual([
      "info labels tier general hacked",
      "info annotations note x ",
      "info taints dedicated:NoSchedule web db",
      "warning taints bare:NoExecute  (gone)",
    ]);
  });

  it("is a declared cordon that was lifted, and no operator's own cordon", () => {
    const cordoned = { ...declared, schedulable: false };
    expect(driftOf(nodeWith(), cordoned, cordoned)).toEqual(["info schedulable  false true"]);
    expect(driftOf(nodeWith({ spec: { taints: [...declared.taints], unschedulable: true } }))).toEqual([]);
  });

  it("is a stamp that is gone, as when the kubelet has registered its Node anew", () => {
    expect(driftOf(nodeWith({ stamp: {} }))).toEqual(["info pool  workers (gone)"]);
  });

  it("is not what the declaration itself changes", () => {
    const olds = { ...declared, labels: { tier: "old" }, pool: "former", taints: [] };
    const before = nodeWith({ labels: { tier: "old" }, stamp: markLabels({ owner, pool: "former" }) });
    expect(driftOf(before, declared, olds)).toEqual([]);
  });

  it("is none of a Node that another machine reports, or that is another stack's", () => {
    const tier = { tier: "hacked" };
    expect(driftOf(nodeWith({ labels: tier, machine: "another" }))).toEqual([]);
    const others = markLabels({ owner: "acme/nodepools/other", pool: "workers" });
    expect(driftOf(nodeWith({ labels: tier, stamp: others }))).toEqual([]);
  });

  it("shows of a long or strange value no more than its beginning, in one line", () => {
    const [fact] = findDrift(
      declared,
      declared,
      nodeWith({ annotations: { note: `a\n\u001b[2J${"x".repeat(9999)}` } }),
    );
    expect(fact?.found?.length).toBeLessThan(150);
    expect(fact?.found).toMatch(/^a\\n\\x1b\[2Jx+… \(\d+ characters\)$/);
  });
});
