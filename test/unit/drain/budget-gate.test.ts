// Whose turn it is under a budget that several drains share.
import { describe, expect, it } from "vitest";
import { BudgetGate, type EvictionPermit, gateOf } from "../../../components/drain/budget-gate.ts";
import type { Budget } from "../../../components/kube/api.ts";
import { budget, type PodTraits, pod } from "./pods.ts";

const now = Date.parse("2030-01-01T00:00:00Z") / 1000;
const ready: PodTraits = { ready: true };
const numbers = { currentHealthy: 5, desiredHealthy: 4, expectedPods: 5 };

/** A budget that allows so many now; a change of it has another version. */
function allowing(disruptionsAllowed: number, version = "1"): Budget {
  return seenAs(version, budget("web", { minAvailable: 4 }, { ...numbers, disruptionsAllowed }));
}

function seenAs(resourceVersion: string, made: Budget): Budget {
  return { ...made, metadata: { ...made.metadata, resourceVersion } };
}

/** Asks for a turn that the gate has to give. */
function take(gate: BudgetGate, held: Budget, at = now): EvictionPermit {
  const turn = gate.ask(pod("p", ready), [held], at);
  if (typeof turn === "string") throw new Error(`no turn: ${turn}`);
  return turn;
}

const tellWait = (gate: BudgetGate, held: Budget, at = now) => {
  const turn = gate.ask(pod("p", ready), [held], at);
  return typeof turn === "string" ? turn : "a turn";
};

const heldBack = (allowed: number) => `budget shop/web allows ${allowed} (needs 4, has 5)`;

/** A refusal after which the budget may be asked again so many seconds later. */
const refused = (at: number, seconds = 0, why = heldBack(0)) => ({ why, retryAt: at + seconds });

describe("a budget", () => {
  it("D-V02 gives as many turns as it allows, whoever asks", () => {
    const gate = new BudgetGate();
    take(gate, allowing(1)).done("evicted");
    expect(tellWait(gate, allowing(1))).toBe(heldBack(1));
  });

  it("D-V02 gives no turn for a disruption that another request may still take", () => {
    const gate = new BudgetGate();
    const first = take(gate, allowing(1));
    expect(tellWait(gate, allowing(1))).toBe(heldBack(1));
    first.done("other");
    expect(tellWait(gate, allowing(1))).toBe("a turn");
  });

  it("D-V21 is asked twice at once at most, however many it allows", () => {
    const gate = new BudgetGate();
    const [first] = [take(gate, allowing(40)), take(gate, allowing(40))];
    expect(tellWait(gate, allowing(40))).toBe(heldBack(40));
    first?.done("evicted");
    expect(tellWait(gate, allowing(40))).toBe("a turn");
  });

  it("gives new turns when the server has counted again", () => {
    const gate = new BudgetGate();
    take(gate, allowing(1)).done("evicted");
    expect(tellWait(gate, allowing(0, "2"))).toBe(heldBack(0));
    expect(tellWait(gate, allowing(1, "3"))).toBe("a turn");
  });

  it("D-V28 that refused is not asked again while it has not changed, whatever it seemed to allow", () => {
    const gate = new BudgetGate();
    take(gate, allowing(3)).done(refused(now, 0, heldBack(3)));
    expect(tellWait(gate, allowing(3), now + 4.999)).toBe(heldBack(3));
  });

  it("D-V28 that allows nothing is asked once in five seconds, so that its answer tells why", () => {
    const gate = new BudgetGate();
    take(gate, allowing(0)).done(refused(now));
    expect(tellWait(gate, allowing(0), now + 4.999)).toBe(heldBack(0));
    const probe = take(gate, allowing(0), now + 6.25);
    expect(tellWait(gate, allowing(0), now + 20)).toBe(heldBack(0));
    probe.done(refused(now + 6.25));
    expect(tellWait(gate, allowing(0), now + 20)).toBe("a turn");
  });

  it("D-B11 that says when it may be asked again is asked by none of its pods before, and all of them tell what it said", () => {
    const gate = new BudgetGate();
    take(gate, allowing(0)).done(refused(now, 10, "still being processed"));
    expect(tellWait(gate, allowing(0), now + 9.9)).toBe("still being processed");
    expect(tellWait(gate, allowing(0), now + 10)).toBe("a turn");
    const counted = new BudgetGate();
    take(counted, allowing(0)).done(refused(now, 10));
    expect(tellWait(counted, allowing(1, "2"), now + 1)).toBe("a turn");
  });

  it("is the one of its namespace: another of the same name has its own turns", () => {
    const gate = new BudgetGate();
    const elsewhere = pod("p", ready);
    take(gate, allowing(1));
    const theirs = allowing(1);
    const bank = { ...theirs, metadata: { ...theirs.metadata, namespace: "bank" } };
    const turn = gate.ask(
      { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: "bank" } },
      [bank],
      now,
    );
    expect(turn).not.toBeTypeOf("string");
  });
});

describe("a turn at any time", () => {
  const none = allowing(0);
  const short = { ...numbers, currentHealthy: 3, disruptionsAllowed: 0 };
  const needy = seenAs("1", budget("web", { minAvailable: 4 }, short));
  const spec = { minAvailable: 4, unhealthyPodEvictionPolicy: "AlwaysAllow" };
  const always = seenAs("1", budget("web", spec, short));
  it.each<[string, PodTraits, Budget[]]>([
    ["no budget selects", { ...ready, labels: { app: "db" } }, [none]],
    [
      "D-V04 several budgets select, which the server refuses anyway",
      ready,
      [none, budget("all", { selector: {} })],
    ],
    ["D-V06 are pending", { phase: "Pending" }, [needy]],
    ["D-V07 have finished", { phase: "Failed" }, [needy]],
    ["D-V09 are not Ready while enough others are healthy", { ready: false }, [none]],
    ["D-V10 are not Ready where the budget always allows it", { ready: false }, [always]],
  ])("is for pods that %s", (_name, traits, budgets) => {
    const gate = new BudgetGate();
    const turns = [1, 2, 3].map(() => gate.ask(pod("p", traits), budgets, now));
    expect(turns.map((turn) => typeof turn)).toEqual(["object", "object", "object"]);
  });

  it("D-V10 is not for pods that are not Ready while too few are healthy", () => {
    const gate = new BudgetGate();
    gate.ask(pod("p", { ready: false }), [needy], now);
    expect(gate.ask(pod("p", { ready: false }), [needy], now)).toBe(
      "budget shop/web allows 0 (needs 4, has 3)",
    );
  });
});

it("D-V02 shares one gate among all drains through one client", () => {
  const api = {};
  expect(gateOf(api)).toBe(gateOf(api));
  expect(gateOf(api)).not.toBe(gateOf({}));
});
