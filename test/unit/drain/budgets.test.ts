// Which budgets hold a pod, and which hold it for ever.
import { describe, expect, it } from "vitest";
import {
  budgetKey,
  budgetsOfPod,
  disruptionsAllowed,
  explainHopelessBudget,
  isCharged,
  matchesSelector,
} from "../../../components/drain/budgets.ts";
import type { Budget } from "../../../components/kube/api.ts";
import { budget, type PodTraits, pod } from "./pods.ts";

describe("budgetsOfPod", () => {
  it("D-V04 finds all budgets of the pod's namespace that select it", () => {
    const elsewhere = budget("elsewhere", {});
    const budgets = [
      budget("by-app", {}),
      budget("all", { selector: {} }),
      budget("other", { selector: { matchLabels: { app: "db" } } }),
      { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: "bank" } },
      { metadata: { name: "none", namespace: "shop" }, spec: {} },
    ];
    expect(budgetsOfPod(pod("web-1"), budgets).map(budgetKey)).toEqual(["shop/by-app", "shop/all"]);
  });
});

const uncounted = {
  ...{ type: "DisruptionAllowed", status: "False", reason: "SyncFailed" },
  ...{ message: "no scale\u001b[2J", lastTransitionTime: new Date(0) },
};

describe("explainHopelessBudget", () => {
  const three = { expectedPods: 3, desiredHealthy: 3, currentHealthy: 3 };
  it.each([
    ["D-V03 maxUnavailable 0", budget("b", { maxUnavailable: 0 }), "maxUnavailable is 0"],
    ["D-V03 maxUnavailable 0%", budget("b", { maxUnavailable: "0%" }), "maxUnavailable is 0%"],
    ["minAvailable 100%", budget("b", { minAvailable: "100%" }), "minAvailable is 100%"],
    [
      "minAvailable of all pods",
      budget("b", { minAvailable: 3 }, three),
      "it needs 3 healthy pods and there are 3",
    ],
    [
      "minAvailable of fewer pods",
      budget("b", { minAvailable: 2 }, { ...three, desiredHealthy: 2 }),
      undefined,
    ],
    ["no pods yet", budget("b", { minAvailable: 1 }, { desiredHealthy: 1 }), undefined],
    [
      "numbers of an older budget",
      budget("b", { minAvailable: 3 }, { ...three, observedGeneration: 0 }),
      undefined,
    ],
    [
      "D-B2 pods of an owner without a scale, even as a new budget",
      budget("b", { minAvailable: 1 }, { observedGeneration: 0, conditions: [uncounted] }),
      "its pods cannot be counted (no scale\\x1b[2J)",
    ],
    [
      "a count that failed once",
      budget("b", { minAvailable: 1 }, { conditions: [{ ...uncounted, status: "True" }] }),
      undefined,
    ],
    ["maxUnavailable 1", budget("b", { maxUnavailable: 1 }, { ...three, desiredHealthy: 2 }), undefined],
  ])("%s", (_name, subject, text) => {
    expect(explainHopelessBudget(subject)).toBe(text);
  });
});

describe("disruptionsAllowed", () => {
  it("is what the status says, and nothing while the server has not looked", () => {
    expect(disruptionsAllowed(budget("b", {}, { disruptionsAllowed: 2 }))).toBe(2);
    expect(disruptionsAllowed(budget("b", {}, { disruptionsAllowed: -1 }))).toBe(0);
    expect(disruptionsAllowed(budget("b", {}, { disruptionsAllowed: 2, observedGeneration: 0 }))).toBe(0);
  });
});

describe("isCharged", () => {
  const short = { currentHealthy: 3, desiredHealthy: 4 };
  const enough = { currentHealthy: 4, desiredHealthy: 4 };
  it.each<[string, PodTraits, Budget["spec"], Partial<Budget["status"]>, boolean]>([
    ["a Ready pod is", { ready: true }, {}, enough, true],
    ["D-V06 a pending pod is not", { phase: "Pending" }, {}, short, false],
    ["D-V07 a finished pod is not", { phase: "Succeeded" }, {}, short, false],
    ["D-V08 a terminating pod is not", { ready: true, deletedAt: 0 }, {}, short, false],
    ["D-V09 a sick pod is not while enough are healthy", { ready: false }, {}, enough, false],
    ["D-V10 a sick pod is while too few are healthy", { ready: false }, {}, short, true],
    ["D-V10 a sick pod is where none need be healthy", { ready: false }, {}, {}, true],
    [
      "D-V10 a sick pod is not where the budget always allows it",
      { ready: false },
      { unhealthyPodEvictionPolicy: "AlwaysAllow" },
      short,
      false,
    ],
  ])("%s", (_name, traits, spec, status, charged) => {
    expect(isCharged(pod("p", traits), budget("b", spec, status))).toBe(charged);
  });
});

describe("matchesSelector", () => {
  const needs = (operator: string, key: string, values?: string[]) => ({
    matchExpressions: [{ operator, key, ...(values && { values }) }],
  });
  it.each([
    ["absent", undefined, false],
    ["empty", {}, true],
    ["labels that fit", { matchLabels: { app: "web" } }, true],
    ["one label of two", { matchLabels: { app: "web", tier: "front" } }, false],
    ["In", needs("In", "app", ["db", "web"]), true],
    ["In, not listed", needs("In", "app", ["db"]), false],
    ["NotIn", needs("NotIn", "app", ["db"]), true],
    ["NotIn, listed", needs("NotIn", "app", ["web"]), false],
    ["NotIn, no such label", needs("NotIn", "tier", ["x"]), true],
    ["Exists", needs("Exists", "app"), true],
    ["Exists, no such label", needs("Exists", "tier"), false],
    ["DoesNotExist", needs("DoesNotExist", "tier"), true],
    ["DoesNotExist, but it does", needs("DoesNotExist", "app"), false],
  ])("%s", (_name, selector, result) => {
    expect(matchesSelector(selector, { app: "web" })).toBe(result);
  });

  it("refuses an operator that it does not know", () => {
    expect(() => matchesSelector(needs("Gt", "app"), {})).toThrow(
      'reading label selector: unknown operator "Gt" for key "app".',
    );
  });
});
