// The texts of a drain, exactly.
import { describe, expect, it } from "vitest";
import type { LedgerEntry, PodState } from "../../../components/drain/pod-state.ts";
import { DrainError, describeAnswer, listNames, reportByReason } from "../../../components/drain/report.ts";
import {
  type DrainSummary,
  describeProgress,
  describeSummary,
  nothingDone,
} from "../../../components/drain/summary.ts";
import type { EvictionAnswer } from "../../../components/kube/api.ts";
import { pod } from "./pods.ts";

const remarks = (reason: string, ...pods: string[]) => pods.map((each) => ({ reason, pod: each }));

describe("reportByReason", () => {
  it("says nothing about nothing", () => {
    expect(reportByReason([])).toEqual([]);
  });

  it("groups by reason, both in alphabetical order", () => {
    const all = [...remarks("late", "b/2", "a/1"), ...remarks("early", "c/3")];
    expect(reportByReason(all)).toEqual(["early: c/3", "late: a/1, b/2"]);
  });

  it("D-O16 names three pods of a reason and counts the rest", () => {
    const all = remarks("late", "a/7", "a/6", "a/5", "a/4", "a/3", "a/2", "a/1");
    expect(reportByReason(all)).toEqual(["late: a/1, a/2, a/3 and 4 more"]);
  });

  it("D-O16 tells five reasons and counts the pods of the others once", () => {
    const all = ["r1", "r2", "r3", "r4", "r5", "r6", "r7"].flatMap((reason) =>
      remarks(reason, "a/x", `a/${reason}`),
    );
    expect(reportByReason(all)).toEqual([
      "r1: a/r1, a/x",
      "r2: a/r2, a/x",
      "r3: a/r3, a/x",
      "r4: a/r4, a/x",
      "r5: a/r5, a/x",
      "3 pods for other reasons",
    ]);
  });

  it("names a pod once", () => {
    expect(listNames(["a", "b", "a"])).toBe("a, b");
  });
});

describe("DrainError", () => {
  it("puts one reason on a line", () => {
    const error = new DrainError("w1", "2 pods remain", remarks("late", "a/1", "a/2"), "Run again.");
    expect(error.message).toBe('draining node "w1": 2 pods remain:\n  - late: a/1, a/2\nRun again.');
  });

  it("is one line without pods", () => {
    expect(new DrainError("w1", "no answer", [], "Run again.").message).toBe(
      'draining node "w1": no answer. Run again.',
    );
  });
});

describe("describeSummary", () => {
  it("does not call a node drained that was not there", () => {
    expect(describeSummary(nothingDone)).toBe("nothing to drain: its Node is gone");
  });

  const ended = { ...nothingDone, nodeFound: true, evicted: 12, seconds: 41 };
  it.each<[Partial<DrainSummary>, string]>([
    [{}, "drained: 12 pods moved, 41 s"],
    [{ evicted: 1, waited: 3 }, "drained: 1 pod moved, 3 waited for budgets, 41 s"],
    [
      { deleted: 2, waited: 3 },
      "drained: 12 pods moved, 2 deleted past their budgets, 3 waited for budgets, 41 s",
    ],
  ])("tells %j", (difference, text) => {
    expect(describeSummary({ ...ended, ...difference })).toBe(text);
  });
});

describe("describeAnswer", () => {
  const budgets = (...texts: string[]): EvictionAnswer => ({
    kind: "blocked",
    budgets: texts.map((text) => ({ text })),
  });
  it.each<[EvictionAnswer, string | undefined]>([
    [
      budgets("The disruption budget cart needs 3 healthy pods and has 3 currently"),
      "budget shop/cart allows 0 (needs 3, has 3)",
    ],
    [budgets("some other words"), "some other words"],
    [{ kind: "namespace-terminating" }, "namespace shop is terminating"],
    [{ kind: "transient", text: "no answer" }, "no answer"],
    [{ kind: "evicted" }, undefined],
    [{ kind: "gone" }, undefined],
  ])("shortens %j to %s", (answer, text) => {
    expect(describeAnswer("shop", answer)).toBe(text);
  });
});

describe("describeProgress", () => {
  const rank = { order: 0, tier: 0 };
  const leaving = (name: string, state: PodState): LedgerEntry => ({
    uid: name,
    pod: pod(name),
    verdict: { action: "evict", losses: [], rank },
    state,
  });
  const terminating = (name: string): LedgerEntry => ({
    ...leaving(name, { kind: "evicted", retryAt: 0 }),
    verdict: { action: "wait", awaited: "terminating, but not gone", rank },
  });
  const held = (why: string): PodState => ({
    ...{ kind: "held", why, since: 0, retryAt: 0, failures: 0, isByBudget: true },
  });

  it("counts the pods that are gone and names the first one that holds the drain up", () => {
    const cart = leaving("cart-1", held("no answer"));
    expect(describeProgress(12, [terminating("a"), cart, terminating("b")])).toBe(
      "evicted 9/12, waiting for shop/cart-1 and 2 more: no answer",
    );
  });

  it("names the budget that holds a pod, also while that is asked", () => {
    const before = held("budget shop/web allows 0");
    for (const state of [before, { kind: "asked", before } as PodState])
      expect(describeProgress(1, [leaving("cart-1", state)])).toBe(
        "evicted 0/1, waiting for shop/cart-1: budget shop/web allows 0",
      );
  });

  it("says that a pod is terminating", () => {
    expect(describeProgress(1, [terminating("a")])).toBe(
      "evicted 0/1, waiting for shop/a: terminating, but not gone",
    );
  });

  it("counts only, once all are gone", () => {
    expect(describeProgress(2, [])).toBe("evicted 2/2");
  });
});
