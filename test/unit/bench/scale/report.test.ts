// The table of the scale benchmark as a reader sees it, and its bars.
import { expect, it } from "vitest";
import { renderScaleReport } from "../../../bench/scale/report.ts";
import type { CaseName, ScaleRun } from "../../../bench/scale/results.ts";

function run(name: CaseName, round: number, seconds: number, nodes = 1000): ScaleRun {
  const megabytes = { program: 500e6, providers: 300e6, engine: 100e6 };
  return {
    ...{ case: name, nodes, round, seconds, memory: megabytes, memoryOfAll: 900e6 },
    cpu: { program: seconds - 2, providers: 1, engine: 1 },
    ...{ requests: 3, answerBytes: 2e6, logins: 0 },
  };
}

const still = (round: number, seconds: number, nodes?: number) =>
  run("ours: preview, no change", round, seconds, nodes);
const bare = (round: number, seconds: number) => run("bare: preview, no change", round, seconds);
const states = [{ nodes: 1000, bytes: 13_000_000 }];

it("has a row for each case, and holds what was measured against the bars", () => {
  const lines = renderScaleReport([still(1, 20), bare(1, 25), still(2, 24), bare(2, 20)], states).split("\n");
  expect(lines[1]?.split(/ {2,}/)).toEqual(
    ["1000", "ours: preview, no change", "22.0", "20.0–24.0", "20.0", "1.0", "1.0"].concat(
      ...["500", "300", "100", "900", "3", "2.0", "0"],
    ),
  );
  expect(lines.slice(4)).toEqual([
    "✓ 1000 nodes: CPU of a preview without a change, ours ÷ bare 1.00 (bar ≤ 1.00)",
    "✓ 1000 nodes: memory of the program, MB 500 (bar ≤ 600)",
    "✓ 1000 nodes: memory of all processes in a preview, MB 900 (bar ≤ 4000)",
    "✓ 1000 nodes: state, KB a node 13.0 (bar ≤ 14.0)",
  ]);
});

it("tells what removals cost more, and how it grows with the nodes", () => {
  const runs = [still(1, 20), bare(1, 20), run("ours: preview, 30 removals", 1, 26), still(1, 120, 5000)];
  const lines = renderScaleReport(runs, states).split("\n");
  expect(lines).toContain(
    "✗ 1000 nodes: CPU of a preview of 30 removals, s more than without 6.0 (bar ≤ 5.0)",
  );
  expect(lines).toContain("✓ 1000 nodes: memory of the providers in it, MB 300 (bar ≤ 400)");
  expect(lines.at(-1)).toBe("✗ 5000 nodes: CPU ÷ that of 1000 nodes 6.00 (bar ≤ 5.50)");
});
