// Which nodes the scheduler would consider for a pod.
import { describe, expect, it } from "vitest";
import { accepts, isSelected, takesPods } from "../../../components/drain/placement.ts";
import type { Pod } from "../../../components/kube/api.ts";
import { node, podOn } from "./preview/scenes.ts";

type PodSpec = NonNullable<Pod["spec"]>;
const placed = (spec: Partial<PodSpec>) => podOn("w1", "cart-1", {}, spec);

describe("takesPods", () => {
  it.each([
    ["Ready and schedulable", node("w1"), true],
    ["cordoned", node("w1", { unschedulable: true }), false],
    ["not Ready", node("w1", {}, { ready: "False" }), false],
    ["silent", node("w1", {}, { ready: "Unknown" }), false],
    ["without a report", { metadata: { name: "w1" } }, false],
  ])("%s", (_name, subject, result) => {
    expect(takesPods(subject)).toBe(result);
  });
});

describe("accepts, by taints", () => {
  const tainted = (effect: string, value?: string) =>
    node("w1", { taints: [{ key: "dedicated", effect, ...(value && { value }) }] });
  it.each([
    ["NoSchedule, not tolerated", tainted("NoSchedule"), [], false],
    ["NoExecute, not tolerated", tainted("NoExecute"), [], false],
    ["PreferNoSchedule", tainted("PreferNoSchedule"), [], true],
    ["tolerated by key", tainted("NoSchedule", "a"), [{ key: "dedicated", operator: "Exists" }], true],
    ["tolerated by value", tainted("NoSchedule", "a"), [{ key: "dedicated", value: "a" }], true],
    ["another value", tainted("NoSchedule", "a"), [{ key: "dedicated", value: "b" }], false],
    ["another key", tainted("NoSchedule"), [{ key: "other", operator: "Exists" }], false],
    ["another effect", tainted("NoExecute"), [{ operator: "Exists", effect: "NoSchedule" }], false],
    ["everything tolerated", tainted("NoExecute"), [{ operator: "Exists" }], true],
  ])("%s", (_name, subject, tolerations, result) => {
    expect(accepts(subject, placed({ tolerations }))).toBe(result);
  });
});

describe("accepts, by labels", () => {
  const labelled = node("w1", {}, { labels: { disk: "ssd", cores: "8" } });
  const wanting = (...matchExpressions: { key: string; operator: string; values?: string[] }[]) => ({
    nodeSelectorTerms: [{ matchExpressions }],
  });
  it("all of nodeSelector", () => {
    expect(accepts(labelled, placed({ nodeSelector: { disk: "ssd" } }))).toBe(true);
    expect(accepts(labelled, placed({ nodeSelector: { disk: "ssd", zone: "a" } }))).toBe(false);
  });
  it("required node affinity, not the preferred one", () => {
    const no = wanting({ key: "disk", operator: "In", values: ["hdd"] });
    const preferred = { preference: no.nodeSelectorTerms[0] ?? {}, weight: 1 };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: no };
    expect(accepts(labelled, placed({ affinity: { nodeAffinity: required } }))).toBe(false);
    const weak = { preferredDuringSchedulingIgnoredDuringExecution: [preferred] };
    expect(accepts(labelled, placed({ affinity: { nodeAffinity: weak } }))).toBe(true);
  });
  it.each([
    ["In", { key: "disk", operator: "In", values: ["hdd", "ssd"] }, true],
    ["In, not listed", { key: "disk", operator: "In", values: ["hdd"] }, false],
    ["NotIn", { key: "disk", operator: "NotIn", values: ["hdd"] }, true],
    ["NotIn, listed", { key: "disk", operator: "NotIn", values: ["ssd"] }, false],
    ["NotIn, no such label", { key: "zone", operator: "NotIn", values: ["a"] }, true],
    ["Exists", { key: "disk", operator: "Exists" }, true],
    ["Exists, no such label", { key: "zone", operator: "Exists" }, false],
    ["Exists, a key that every object inherits", { key: "constructor", operator: "Exists" }, false],
    ["DoesNotExist", { key: "zone", operator: "DoesNotExist" }, true],
    ["DoesNotExist, but it does", { key: "disk", operator: "DoesNotExist" }, false],
    ["Gt", { key: "cores", operator: "Gt", values: ["4"] }, true],
    ["Gt, equal", { key: "cores", operator: "Gt", values: ["8"] }, false],
    ["Gt, no such label", { key: "zone", operator: "Gt", values: ["4"] }, false],
    ["Lt", { key: "cores", operator: "Lt", values: ["16"] }, true],
    ["Lt, equal", { key: "cores", operator: "Lt", values: ["8"] }, false],
    ["Lt, no number", { key: "disk", operator: "Lt", values: ["8"] }, false],
    ["an operator that the scheduler does not know", { key: "disk", operator: "Like", values: ["s"] }, false],
  ])("%s", (_name, requirement, result) => {
    expect(isSelected(labelled, wanting(requirement))).toBe(result);
  });
  it("all requirements of a term, and one term of several; an empty term selects none", () => {
    const [yes, no] = [
      { key: "disk", operator: "Exists" },
      { key: "zone", operator: "Exists" },
    ];
    expect(isSelected(labelled, wanting(yes, no))).toBe(false);
    const either = { nodeSelectorTerms: [{ matchExpressions: [no] }, { matchExpressions: [yes] }] };
    expect(isSelected(labelled, either)).toBe(true);
    expect(isSelected(labelled, { nodeSelectorTerms: [{}] })).toBe(false);
    expect(isSelected(labelled, undefined)).toBe(true);
  });
  it("the name of the node, as a field", () => {
    const named = (name: string, operator = "In") => ({
      nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator, values: [name] }] }],
    });
    expect(isSelected(labelled, named("w1"))).toBe(true);
    expect(isSelected(labelled, named("w2"))).toBe(false);
    expect(isSelected(labelled, named("w1", "NotIn"))).toBe(false);
  });
});
