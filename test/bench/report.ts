// Renders the results as one table, and below it the ratios with their bars. Pure.
import { type Comparison, compare } from "./comparison.ts";
import type { ScenarioResult, SideName, SideRun } from "./results.ts";
import { type Scenario, scenarios } from "./scenario.ts";
import { type Spread, spreadOf } from "./spread.ts";
import { fixed, renderTable } from "./table.ts";

const header = [
  "scenario",
  "side",
  "wall s",
  "(min–max)",
  "1st eviction s",
  "requests",
  "per pod",
  "429 budget",
  "429 other",
  "5xx",
  "violations",
  "peak MB",
  "(largest)",
  "CPU",
];

/** Renders the table of all scenarios, the figures that others published, and the ratios. */
export function renderReport(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(rowsOf);
  const notes = results.flatMap(({ scenario, runs }) => compare(scenario, runs).map(renderComparison));
  return [...renderTable([header, ...rows], 2), "", ...footnotes(results), "", ...notes].join("\n");
}

function rowsOf({ scenario, runs }: ScenarioResult): readonly string[][] {
  const sides = [...new Set(runs.map(({ side }) => side))].sort();
  const { published }: Scenario = scenarios[scenario];
  const rows = sides.map((side) =>
    rowOf(
      scenario,
      side,
      runs.filter((run) => run.side === side),
    ),
  );
  if (published === undefined) return rows;
  return [...rows, [scenario, `published: ${published.source}`, `${published.seconds}`]];
}

function rowOf(name: keyof typeof scenarios, side: SideName, runs: readonly SideRun[]): string[] {
  const scale = scaleOf(name, runs);
  const about = scale === 1 ? "" : "≈";
  const spread = (pick: (run: SideRun) => number): Spread => spreadOf(runs.map(pick));
  const wall = spread(({ seconds }) => seconds * scale);
  const most = (pick: (run: SideRun) => number) => Math.max(...runs.map(pick));
  return [
    name,
    side,
    about + fixed(wall.median),
    `${fixed(wall.min)}–${fixed(wall.max)}`,
    fixed(spread(({ requests }) => (requests.firstEvictionAt - requests.firstAt) / 1000).median),
    about + fixed(spread(({ requests }) => requests.total * scale).median, 0),
    fixed(spread(({ requests, pods }) => requests.total / pods).median, 2),
    about + fixed(spread(({ requests }) => requests.refusedEvictions * scale).median, 0),
    about + fixed(spread(({ requests }) => requests.throttled * scale).median, 0),
    `${most(({ requests }) => requests.serverErrors)}`,
    `${most(({ budgets }) => budgets.violations + budgets.budgetsBelow)}`,
    fixed(most(({ memory }) => memory.sum) / 1e6, 0),
    fixed(most(({ memory }) => memory.largest) / 1e6, 0),
    `${fixed(100 * spread(({ busy }) => busy).median, 0)} %`,
  ];
}

/** How many times more nodes the scenario has than were drained. */
function scaleOf(name: keyof typeof scenarios, runs: readonly SideRun[]): number {
  return scenarios[name].leaving / (runs[0]?.nodes ?? 1);
}

function footnotes(results: readonly ScenarioResult[]): readonly string[] {
  const parts = results.flatMap(({ scenario, runs }) => {
    const part = runs.find(({ nodes }) => nodes < scenarios[scenario].leaving);
    return part === undefined
      ? []
      : [`≈ ${scenario}: ${part.nodes} of ${scenarios[scenario].leaving} nodes drained, scaled up`];
  });
  const published = "published figures are their authors', on their machines";
  const violations =
    "violations: events after which fewer pods were healthy than a budget wants, counted from pods and from budgets";
  return [...parts, violations, published];
}

function renderComparison({ scenario, text, value, bar, holds }: Comparison): string {
  return `${holds ? "✓" : "✗"} ${scenario}: ${text} ${fixed(value, 2)} (bar ${bar})`;
}
