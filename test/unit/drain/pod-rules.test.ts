// What a pod's label, the rules and its importance make of it. Case ids: acceptance table of the drain.
import { describe, expect, it } from "vitest";
import { compareRanks, type Rank, ruleOf } from "../../../components/drain/pod-rules.ts";
import type { DrainRule } from "../../../components/model/drain-policy.ts";
import { type PodTraits, pod } from "./pods.ts";

function treat(traits: PodTraits, rules: readonly DrainRule[] = [], namespaceLabels = {}) {
  const policy = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false, rules };
  return ruleOf(pod("p", traits), policy, namespaceLabels);
}

const ordinary = { order: 0, tier: 0 };
const drainLabel = "nodepools.local/drain";
const saidByLabel = { saidBy: `label ${drainLabel}`, isByLabel: true };

describe("the label of a pod", () => {
  it.each(["skip", "Skip", "SKIP"])("D-O03 %s skips it", (value) => {
    const skip = { action: "skip", rank: ordinary, ...saidByLabel };
    expect(treat({ labels: { [drainLabel]: value } })).toEqual(skip);
  });

  it.each(["wait-completed", "Wait-Completed"])("D-O04 %s waits until it has completed", (value) => {
    const wait = { action: "waitCompleted", rank: ordinary, ...saidByLabel };
    expect(treat({ labels: { [drainLabel]: value } })).toEqual(wait);
  });

  it.each(["", "drain", "waitCompleted", "false"])("D-O06 %j says nothing", (value) => {
    expect(treat({ labels: { [drainLabel]: value } })).toEqual({ action: "drain", rank: ordinary });
  });

  it("D-O07 wins over rules, and takes the pod out of their order", () => {
    const rules: DrainRule[] = [{ name: "a", action: "drain", order: -5 }];
    expect(treat({ labels: { [drainLabel]: "skip" } }, rules)).toMatchObject({
      action: "skip",
      rank: ordinary,
    });
  });

  it("D-O06 D-O07 leaves a pod to the rules when it says nothing known", () => {
    const rules: DrainRule[] = [{ name: "a", action: "skip" }];
    expect(treat({ labels: { [drainLabel]: "later" } }, rules)).toMatchObject({ saidBy: 'rule "a"' });
  });
});

describe("D-B1 an annotation that asks autoscalers to leave a pod", () => {
  const asking = { "karpenter.sh/do-not-disrupt": "true" };
  const treatAsking = (podAnnotations: "honour" | "ignore" | undefined, rules: readonly DrainRule[] = []) => {
    const made = pod("p", {});
    const policy = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false, rules };
    const asked = { ...made, metadata: { ...made.metadata, annotations: asking } };
    return ruleOf(asked, { ...policy, ...(podAnnotations && { podAnnotations }) }, {});
  };

  it("has the drain wait where that is declared", () => {
    const saidBy = 'annotation karpenter.sh/do-not-disrupt: "true"';
    const wait = { action: "waitCompleted", rank: ordinary, saidBy, isByLabel: true };
    expect(treatAsking("honour")).toEqual(wait);
    expect(treatAsking("ignore")).toEqual({ action: "drain", rank: ordinary });
    expect(treatAsking(undefined)).toEqual({ action: "drain", rank: ordinary });
  });

  it("yields to a rule that selects the pod", () => {
    expect(treatAsking("honour", [{ name: "a", action: "drain", order: 1 }])).toMatchObject({
      action: "drain",
    });
  });
});

describe("rules", () => {
  const front = { labels: { app: "web", tier: "front" } };

  it("D-O07 of several that select a pod the first by name counts, not the first in the list", () => {
    const rules: DrainRule[] = [
      { name: "b", action: "skip" },
      { name: "a", action: "drain", order: 7 },
    ];
    const first = { action: "drain", rank: { order: 7, tier: 0 }, saidBy: 'rule "a"' };
    expect(treat({}, rules)).toEqual(first);
    expect(treat({}, rules.toReversed())).toEqual(first);
  });

  it.each<[string, Partial<DrainRule>, boolean]>([
    ["D-O09 selects all without selectors", {}, true],
    ["D-O09 selects all with empty selectors", { pods: "", namespaces: "" }, true],
    ["selects by the pod's labels", { pods: "tier=front" }, true],
    ["does not select other pods", { pods: "tier=back" }, false],
    ["selects by the namespace's labels", { namespaces: "team=shop" }, true],
    ["does not select other namespaces", { namespaces: "team=bank" }, false],
    ["takes both selectors together", { pods: "tier=front", namespaces: "team=bank" }, false],
    ["selects the pods that lack a label", { pods: "!legacy" }, true],
  ])("a rule %s", (_name, selectors, selected) => {
    const rules: DrainRule[] = [{ name: "r", action: "skip", ...selectors }];
    expect(treat(front, rules, { team: "shop" }).action).toBe(selected ? "skip" : "drain");
  });
});

describe("the order of a drain", () => {
  const critical = 2_000_000_000;
  const agent = { owner: { kind: "DaemonSet" } };
  it.each<[string, PodTraits, number]>([
    ["an ordinary pod", {}, 0],
    ["one of almost critical priority", { priority: critical - 1 }, 0],
    ["a DaemonSet's", agent, 1],
    ["one that is critical to the cluster", { priority: critical }, 2],
    ["one that is critical to the node", { priority: critical + 1000 }, 2],
    ["a critical DaemonSet's", { ...agent, priority: critical }, 3],
  ])("D-O11 puts %s in its tier", (_name, traits, tier) => {
    expect(treat(traits).rank).toEqual({ order: 0, tier });
  });

  it("D-O01 D-O11 goes by the declared order first, then by tier", () => {
    const ranks: Rank[] = [10, 0, -1, -5].flatMap((order) => [3, 1, 0, 2].map((tier) => ({ order, tier })));
    const sorted = ranks.toSorted(compareRanks).map(({ order, tier }) => `${order}/${tier}`);
    const expected = [-5, -1, 0, 10].flatMap((order) => [0, 1, 2, 3].map((tier) => `${order}/${tier}`));
    expect(sorted).toEqual(expected);
  });
});
