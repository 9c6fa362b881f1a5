// How the sides are compared and which bars hold.
import { describe, expect, it } from "vitest";
import { compare } from "../../bench/comparison.ts";
import type { SideName, SideRun } from "../../bench/results.ts";
import { spreadOf } from "../../bench/spread.ts";

function run(side: SideName, round: number, seconds: number, others: Partial<SideRun> = {}): SideRun {
  const requests = {
    total: 100,
    byKind: {},
    refusedEvictions: 0,
    throttled: 0,
    serverErrors: 0,
    userAgents: [],
    firstAt: 0,
    firstEvictionAt: 0,
    lastAt: seconds * 1000,
  };
  const budgets = { events: 1, violations: 0, atLimit: 0, budgetsBelow: 0 };
  const memory = { sum: 1, largest: 1 };
  return { side, round, nodes: 50, pods: 1000, seconds, busy: 0, memory, requests, budgets, ...others };
}

function verdicts(runs: readonly SideRun[]) {
  return compare("a", runs).map(({ text, value, holds }) => [text, value, holds]);
}

describe("the comparison of a scenario", () => {
  it("pairs the sides by round and takes the median of the ratios", () => {
    const runs = [
      run("ours", 1, 10),
      run("kubectl, parallel", 1, 20),
      run("kubectl, parallel", 2, 100),
      run("ours", 2, 70),
    ];
    expect(verdicts(runs)[0]).toEqual(["wall time, ours ÷ kubectl parallel", 0.6, true]);
  });

  it("scales the one-call form up to all nodes", () => {
    const runs = [
      run("ours", 1, 50),
      run("kubectl, parallel", 1, 50),
      run("kubectl, one call", 1, 40, { nodes: 10, pods: 200 }),
    ];
    expect(verdicts(runs)[3]).toEqual(["wall time, kubectl one call ÷ ours", 4, true]);
  });

  it("holds no bar that a violation or one more request breaks", () => {
    const ours = run("ours", 1, 50, {
      pods: 999,
      budgets: { events: 1, violations: 0, atLimit: 0, budgetsBelow: 1 },
    });
    const broken = compare("a", [ours, run("kubectl, parallel", 1, 50)]).filter(({ holds }) => !holds);
    expect(broken.map(({ text }) => text)).toEqual([
      "requests per pod, ours ÷ kubectl parallel",
      "budget violations of ours",
    ]);
  });
});

describe("spreadOf", () => {
  it("takes the middle of an odd number and the mean of the middle two of an even one", () => {
    expect([spreadOf([9, 1, 3]), spreadOf([4, 1, 2, 9])]).toEqual([
      { median: 3, min: 1, max: 9 },
      { median: 3, min: 1, max: 9 },
    ]);
  });
});
