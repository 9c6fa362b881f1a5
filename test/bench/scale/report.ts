// Renders the runs as one table, and below it the ratios with their bars. Pure.
import { spreadOf } from "../spread.ts";
import { fixed, renderTable } from "../table.ts";
import { type CaseName, type PartName, parts, type ScaleRun, type StateSize } from "./results.ts";

const header = [
  "nodes",
  "case",
  "CPU s",
  "(min–max)",
  ...parts.map((part) => `${part} s`),
  ...parts.map((part) => `${part} MB`),
  "all MB",
  "requests",
  "answers MB",
  "logins",
];

/** Renders every case, and what the figures are held against. */
export function renderScaleReport(runs: readonly ScaleRun[], states: readonly StateSize[]): string {
  const sizes = [...new Set(runs.map(({ nodes }) => nodes))];
  const cases = [...new Set(runs.map((run) => run.case))];
  const rows = sizes.flatMap((nodes) =>
    cases.flatMap((name) => rowOf(nodes, name, runsOf(runs, nodes, name))),
  );
  const bars = [...sizes.flatMap((nodes) => barsOf(nodes, runs, states)), ...growthOf(sizes, runs)];
  return [...renderTable([header, ...rows], 2), "", ...bars].join("\n");
}

function rowOf(nodes: number, name: CaseName, runs: readonly ScaleRun[]): readonly string[][] {
  if (runs.length === 0) return [];
  const median = (figure: (run: ScaleRun) => number) => spreadOf(runs.map(figure)).median;
  const most = (figure: (run: ScaleRun) => number) => Math.max(...runs.map(figure));
  const { min, max, median: total } = spreadOf(runs.map(allCpu));
  const row = [
    `${nodes}`,
    name,
    fixed(total),
    `${fixed(min)}–${fixed(max)}`,
    ...parts.map((part) => fixed(median(({ cpu }) => cpu[part]))),
    ...parts.map((part) => megabytes(most(({ memory }) => memory[part]))),
    megabytes(most(({ memoryOfAll }) => memoryOfAll)),
    fixed(
      median(({ requests }) => requests),
      0,
    ),
    fixed(median(({ answerBytes }) => answerBytes) / 1e6),
    `${most(({ logins }) => logins)}`,
  ];
  return [row];
}

/** What one size is held against; bars of 1,000 nodes are told of other sizes as well, where they mean less. */
function barsOf(nodes: number, runs: readonly ScaleRun[], states: readonly StateSize[]): readonly string[] {
  const ours = runsOf(runs, nodes, "ours: preview, no change");
  const ratios = ours.flatMap(({ round, ...run }) =>
    runsOf(runs, nodes, "bare: preview, no change")
      .filter((other) => other.round === round)
      .map((other) => allCpu(run) / allCpu(other)),
  );
  const removals = runsOf(runs, nodes, "ours: preview, 30 removals");
  const ofAll = Math.max(...[...ours, ...removals].map(({ memoryOfAll }) => memoryOfAll));
  const state = states.find((one) => one.nodes === nodes);
  return [
    bar(nodes, "CPU of a preview without a change, ours ÷ bare", spreadOf(ratios).median, 1, 2),
    bar(nodes, "memory of the program, MB", most(ours, "program") / 1e6, 600, 0),
    bar(nodes, "memory of all processes in a preview, MB", ofAll / 1e6, 4000, 0),
    bar(nodes, "state, KB a node", (state?.bytes ?? Number.NaN) / nodes / 1000, 14, 1),
    ...barsOfRemovals(nodes, ours, removals),
  ];
}

function barsOfRemovals(
  nodes: number,
  still: readonly ScaleRun[],
  removals: readonly ScaleRun[],
): readonly string[] {
  if (removals.length === 0) return [];
  const more = spreadOf(removals.map(allCpu)).median - spreadOf(still.map(allCpu)).median;
  return [
    bar(nodes, "CPU of a preview of 30 removals, s more than without", more, 5, 1),
    bar(nodes, "memory of the providers in it, MB", most(removals, "providers") / 1e6, 400, 0),
  ];
}

function growthOf(sizes: readonly number[], runs: readonly ScaleRun[]): readonly string[] {
  const [small, large] = [Math.min(...sizes), Math.max(...sizes)];
  if (small === large) return [];
  const cpu = (nodes: number) => spreadOf(runsOf(runs, nodes, "ours: preview, no change").map(allCpu)).median;
  const ratio = cpu(large) / cpu(small);
  return [bar(large, `CPU ÷ that of ${small} nodes`, ratio, (1.1 * large) / small, 2)];
}

function bar(nodes: number, text: string, value: number, most: number, digits: number): string {
  return `${value <= most ? "✓" : "✗"} ${nodes} nodes: ${text} ${fixed(value, digits)} (bar ≤ ${fixed(most, digits)})`;
}

function runsOf(runs: readonly ScaleRun[], nodes: number, name: CaseName): readonly ScaleRun[] {
  return runs.filter((run) => run.nodes === nodes && run.case === name);
}

function most(runs: readonly ScaleRun[], part: PartName): number {
  return Math.max(...runs.map(({ memory }) => memory[part]));
}

function allCpu({ cpu }: Pick<ScaleRun, "cpu">): number {
  return parts.reduce((sum, part) => sum + cpu[part], 0);
}

function megabytes(bytes: number): string {
  return fixed(bytes / 1e6, 0);
}
