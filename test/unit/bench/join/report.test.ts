// The tables of the join benchmark as a reader sees them, and its bar.
import { describe, expect, it } from "vitest";
import { renderJoinReport } from "../../../bench/join/report.ts";
import type { JoinRun, SideName } from "../../../bench/join/results.ts";

const conditions = { load: 0.5, ownSeconds: 41.6, otherSeconds: 2 };

function run(side: SideName, round: number, seconds: number): JoinRun {
  const stages = { started: 3, joined: seconds - 2.5, ready: seconds - 0.5 };
  return { side, round, hosts: 12, seconds, stages, ...conditions };
}

function ratioOf(...runs: readonly JoinRun[]): string | undefined {
  return renderJoinReport(runs, []).split("\n").at(-1);
}

describe("the report of the join benchmark", () => {
  it("shows each run with the length of its stages, and what the machine was like", () => {
    const lines = renderJoinReport([run("ours", 1, 30), run("by hand", 1, 20)], []).split("\n");
    const cells = lines.map((line) => line.split(/ {2,}/));
    expect(cells[1]).toEqual(
      ["ours", "1", "12", "30.0", "3.0", "24.5", "2.0", "0.5"].concat("41.6", "2.0", "0.50"),
    );
    expect(cells[2]?.slice(0, 4)).toEqual(["by hand", "1", "12", "20.0"]);
  });

  it("names the steps of ours, and what comes afterwards with the logins on other hosts", () => {
    const steps = { enroll: 1, join: 5.25, ready: 2 };
    const later = { what: "up with nothing to do", seconds: 4, loginsElsewhere: 2, ...conditions };
    const lines = renderJoinReport([{ ...run("ours", 2, 30), steps }], [later]).split("\n");
    expect(lines).toContain("ours, round 2, on the median host: enroll 1.0 s, join 5.3 s, ready 2.0 s");
    expect(lines.find((line) => line.startsWith("up with"))?.split(/ {2,}/)).toEqual(
      ["up with nothing to do", "4.0", "2"].concat("41.6", "2.0", "0.50"),
    );
  });

  it("takes the median of the rounds' ratios and holds it against the bar", () => {
    const fast = [run("ours", 1, 30), run("by hand", 1, 25)];
    expect(ratioOf(...fast)).toBe("✓ wall time, ours ÷ by hand 1.20 (1.20–1.20; bar ≤ 1.2)");
    const slow = [run("by hand", 2, 10), run("ours", 2, 17)];
    expect(ratioOf(...fast, ...slow)).toBe("✗ wall time, ours ÷ by hand 1.45 (1.20–1.70; bar ≤ 1.2)");
  });

  it("has no ratio, and no bar that holds, where a side is missing", () => {
    expect(ratioOf(run("ours", 1, 30))).toBe("✗ wall time, ours ÷ by hand: a side is missing");
  });
});
