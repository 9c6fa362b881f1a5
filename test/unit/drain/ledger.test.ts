// What a drain knows of its pods: the state of each, and what is told of them in the end.
import { describe, expect, it } from "vitest";
import type { PodVerdict } from "../../../components/drain/classify.ts";
import { Ledger } from "../../../components/drain/ledger.ts";
import { remarkOn } from "../../../components/drain/pod-state.ts";
import type { EvictionAnswer } from "../../../components/kube/api.ts";
import { pod } from "./pods.ts";

const rank = { order: 0, tier: 0 };
const evict: PodVerdict = { action: "evict", losses: ["evicted pods with emptyDir data"], rank };
const terminating: PodVerdict = { action: "wait", awaited: "terminating, but not gone", rank };
const uid = "uid-of-web-1";
const [accepted, blocked]: EvictionAnswer[] = [{ kind: "evicted" }, { kind: "blocked", budgets: [] }];
const noWait = () => 0;

function ledgerOf(verdict = evict): Ledger {
  const ledger = new Ledger();
  ledger.see([{ pod: pod("web-1"), verdict }]);
  return ledger;
}

const reasonIn = (ledger: Ledger) => ledger.remaining.map((entry) => remarkOn(entry).reason);

describe("a ledger", () => {
  it("tells whether a look found pods that were not seen before", () => {
    const ledger = ledgerOf();
    const [one, other] = [pod("web-1"), pod("web-2")].map((each) => ({ pod: each, verdict: evict }));
    expect(ledger.see(one ? [one] : [])).toBe(false);
    expect(ledger.see(one && other ? [one, other] : [])).toBe(true);
    expect(ledger.see([])).toBe(false);
    expect([ledger.size, ledger.remaining.length]).toEqual([2, 0]);
  });

  it("tells what an eviction lost, although the pod is seen terminating before the answer comes", () => {
    const ledger = ledgerOf();
    ledger.ask(uid);
    ledger.see([{ pod: pod("web-1"), verdict: terminating }]);
    expect(ledger.events).toEqual([]);
    ledger.answer(uid, accepted as EvictionAnswer, "", 10, noWait);
    expect(ledger.events).toEqual([{ reason: "evicted pods with emptyDir data", pod: "shop/web-1" }]);
    expect(ledger.counts).toEqual({ evicted: 1, restarted: 0, deleted: 0, waited: 0 });
  });

  it("tells nothing of evictions that were refused or had no answer", () => {
    const ledger = ledgerOf();
    ledger.ask(uid);
    ledger.unanswered(uid);
    ledger.ask(uid);
    ledger.answer(uid, blocked as EvictionAnswer, "budget", 10, noWait);
    expect(ledger.events).toEqual([]);
    expect(ledger.hasActed).toBe(false);
  });

  it("has acted while a request is under way, and once one was accepted", () => {
    const ledger = ledgerOf();
    expect(ledger.hasActed).toBe(false);
    ledger.ask(uid);
    expect(ledger.hasActed).toBe(true);
    ledger.answer(uid, accepted as EvictionAnswer, "", 10, noWait);
    ledger.see([]);
    expect(ledger.hasActed).toBe(true);
  });

  it("counts a pod as held from its first hold on, through questions and refusals", () => {
    const ledger = ledgerOf();
    ledger.hold(uid, "budget web allows 0", 10);
    ledger.ask(uid);
    ledger.answer(uid, blocked as EvictionAnswer, "budget web refuses", 15, () => 5);
    expect(ledger.remaining[0]?.state).toMatchObject({ kind: "held", since: 10, retryAt: 20 });
    expect(reasonIn(ledger)).toEqual(["budget web refuses"]);
    expect(ledger.counts.waited).toBe(1);
  });

  it("counts transient failures in a row", () => {
    const ledger = ledgerOf();
    const failures: number[] = [];
    const fail = (answer: EvictionAnswer) => {
      ledger.ask(uid);
      ledger.answer(uid, answer, "no answer", 10, (inARow) => failures.push(inARow));
    };
    for (const answer of [{ kind: "transient", text: "" }, { kind: "transient", text: "" }, blocked])
      fail(answer as EvictionAnswer);
    expect(failures).toEqual([1, 2, 0]);
  });

  it("says why a deletion failed as long as nothing else came of it", () => {
    const ledger = ledgerOf();
    ledger.failDeletion(uid, "its deletion fails: not now", 11);
    ledger.ask(uid);
    expect(reasonIn(ledger)).toEqual(["its deletion fails: not now"]);
    ledger.delete(uid, true, 12, 10);
    expect(reasonIn(ledger)).toEqual(["being evicted"]);
    expect(ledger.counts.deleted).toBe(1);
  });

  it("hears the answer to a question before it gives a pod up", () => {
    const ledger = ledgerOf();
    ledger.ask(uid);
    ledger.giveUp(uid, "a loop", true);
    ledger.answer(uid, accepted as EvictionAnswer, "", 10, noWait);
    expect(reasonIn(ledger)).toEqual(["being evicted"]);
    ledger.giveUp(uid, "a loop", true);
    expect(reasonIn(ledger)).toEqual(["a loop"]);
  });
});
