// The one line that a run leaves for each pool.
import { expect, it } from "vitest";
import { type PoolOutcome, sayOutcome } from "../../../../components/providers/verification/outcome-text.ts";

const outcome: PoolOutcome = {
  pool: "workers",
  seconds: 184,
  nodes: ["w2", "w3"],
  moved: 14,
  waited: 3,
  pastBudgets: 0,
  shortages: [],
  headroom: {
    nodes: 3,
    resources: [
      { resource: "cpu", free: 5100, of: 12_000 },
      { resource: "memory", free: 12 * 1024 ** 3, of: 24 * 1024 ** 3 },
    ],
  },
};

it("says that all went well", () => {
  expect(sayOutcome(outcome, 0)).toBe(
    "pool workers, 184 s: 2 nodes drained (w2, w3); 14 pods moved, 3 waited for budgets, no budget was bypassed; no owner had fewer Ready pods than before; no pod is without a node that had one; 3 nodes of it take pods, not requested there: cpu 5100m of 12, memory 12Gi of 24Gi",
  );
});

it("says what did not", () => {
  const shortages = [
    { owner: "shop/Deployment cart", seconds: 61, missing: 1 },
    { owner: "shop/Deployment web", seconds: 4, missing: 0 },
  ];
  const headroom = { nodes: 0, resources: [] };
  expect(sayOutcome({ ...outcome, waited: 0, pastBudgets: 2, shortages, headroom }, 1)).toBe(
    "pool workers, 184 s: 2 nodes drained (w2, w3); 14 pods moved, 2 DELETED PAST THEIR BUDGETS; longest with fewer Ready pods than before: shop/Deployment cart 61 s, and STILL SHORT: shop/Deployment cart by 1; 1 pod without a node now; 0 nodes of it take pods",
  );
});
