// The table as a reader sees it.
import { expect, it } from "vitest";
import { renderReport } from "../../bench/report.ts";
import type { SideName, SideRun } from "../../bench/results.ts";

function run(side: SideName, seconds: number, nodes: number): SideRun {
  return {
    ...{ side, round: 1, nodes, pods: nodes * 20, seconds, busy: 0.5 },
    memory: { sum: 200e6, largest: 60e6 },
    requests: {
      ...{
        total: nodes * 40,
        byKind: {},
        refusedEvictions: 7,
        throttled: 0,
        serverErrors: 0,
        userAgents: [],
      },
      ...{ firstAt: 1000, firstEvictionAt: 3500, lastAt: 9000 },
    },
    budgets: { events: 9, violations: 0, atLimit: 3, budgetsBelow: 0 },
  };
}

it("shows a row for each side, marks what is scaled up, and puts others' figures beside it", () => {
  const runs = [run("ours", 50, 50), run("kubectl, parallel", 100, 50), run("kubectl, one call", 40, 10)];
  const lines = renderReport([{ scenario: "a", runs }]).split("\n");
  const cells = lines.map((line) => line.split(/ {2,}/));
  expect(cells[1]).toEqual(
    ["a", "kubectl, one call", "≈200.0", "200.0–200.0", "2.5", "≈2000", "2.00", "≈35", "≈0", "0", "0"].concat(
      "200",
      "60",
      "50 %",
    ),
  );
  expect(cells[3]?.slice(0, 7)).toEqual(["a", "ours", "50.0", "50.0–50.0", "2.5", "2000", "2.00"]);
  expect(cells[4]).toEqual(["a", "published: eksctl#4864, serial", "280"]);
  expect(lines).toContain("≈ a: 10 of 50 nodes drained, scaled up");
  expect(lines).toContain("✓ a: wall time, ours ÷ kubectl parallel 0.50 (bar ≤ 1)");
  expect(lines).toContain("✓ a: wall time, kubectl one call ÷ ours 4.00 (bar ≥ 3)");
});
