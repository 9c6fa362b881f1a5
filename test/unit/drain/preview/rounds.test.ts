// In how many rounds pods leave under a budget and the pools' limits.
import fc from "fast-check";
import { expect, it } from "vitest";
import { planRounds } from "../../../../components/drain/preview/budgets-ahead.ts";

it.each([
  [
    "one node at a time, which the budget cannot speed up",
    5,
    [{ maxUnavailable: 1, podsByNode: [1, 1, 1] }],
    1,
    3,
  ],
  ["two nodes at a time", 5, [{ maxUnavailable: 2, podsByNode: [1, 1, 1] }], 2, 2],
  ["a rest of each node in a round of its own", 2, [{ maxUnavailable: 1, podsByNode: [3, 3] }], 2, 4],
  ["nodes without such pods cost nothing", 1, [{ maxUnavailable: 1, podsByNode: [0, 2, 0] }], 1, 2],
  [
    "pools drain beside each other",
    4,
    [
      { maxUnavailable: 1, podsByNode: [1, 1] },
      { maxUnavailable: 1, podsByNode: [2, 2] },
    ],
    3,
    2,
  ],
])("plays through: %s", (_name, allowed, pools, now, rounds) => {
  expect(planRounds(allowed, pools)).toEqual({ now, rounds });
});

it("never needs fewer rounds than pods by allowance or nodes by maxUnavailable, nor more than pods", () => {
  const pool = fc.record({
    maxUnavailable: fc.integer({ min: 1, max: 4 }),
    podsByNode: fc.array(fc.nat(6), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.array(pool, { maxLength: 3 }), (allowed, pools) => {
      const pods = pools.flatMap(({ podsByNode }) => podsByNode).reduce((a, b) => a + b, 0);
      const byNodes = pools.map(({ maxUnavailable, podsByNode }) =>
        Math.ceil(podsByNode.filter(Boolean).length / maxUnavailable),
      );
      const { now, rounds } = planRounds(allowed, pools);
      expect(rounds).toBeGreaterThanOrEqual(Math.max(Math.ceil(pods / allowed), ...byNodes, 0));
      expect(rounds).toBeLessThanOrEqual(pods);
      expect(now).toBeLessThanOrEqual(Math.min(allowed, pods));
    }),
  );
});
