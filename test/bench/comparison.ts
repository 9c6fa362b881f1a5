// Compares the sides of a scenario and holds the ratios against the bars. Pure.
import type { SideName, SideRun } from "./results.ts";
import { type ScenarioName, scenarios } from "./scenario.ts";
import { spreadOf } from "./spread.ts";

/** One ratio and whether it is as good as it has to be. */
export interface Comparison {
  readonly scenario: ScenarioName;
  /** What the ratio is of. */
  readonly text: string;
  readonly value: number;
  /** The bar in words. */
  readonly bar: string;
  readonly holds: boolean;
}

/** Returns the ratios that the runs allow; a ratio of times is the median of the rounds' own. */
export function compare(scenario: ScenarioName, runs: readonly SideRun[]): readonly Comparison[] {
  const limit = (text: string, value: number, most: number) =>
    ({ scenario, text, value, bar: `≤ ${most}`, holds: value <= most }) as const;
  const parallel = "kubectl, parallel" as const;
  const violations = runs
    .filter(({ side }) => side === "ours")
    .map(({ budgets }) => budgets.violations + budgets.budgetsBelow);
  return [
    limit(
      "wall time, ours ÷ kubectl parallel",
      medianRatio(runs, parallel, ({ seconds }) => seconds),
      1,
    ),
    limit("from first to last request, ours ÷ kubectl parallel", medianRatio(runs, parallel, apiSeconds), 1),
    limit("requests per pod, ours ÷ kubectl parallel", medianRatio(runs, parallel, requestsPerPod), 1),
    ...oneCall(scenario, runs),
    limit("budget violations of ours", Math.max(...violations), 0),
  ];
}

function oneCall(scenario: ScenarioName, runs: readonly SideRun[]): readonly Comparison[] {
  const side = "kubectl, one call";
  if (!runs.some((run) => run.side === side)) return [];
  const secondsOfAll = (run: SideRun) => (run.seconds * scenarios[scenario].leaving) / run.nodes;
  const value = 1 / medianRatio(runs, side, secondsOfAll);
  return [{ scenario, text: "wall time, kubectl one call ÷ ours", value, bar: "≥ 3", holds: value >= 3 }];
}

/** Pairs ours with the other side round by round. */
function medianRatio(runs: readonly SideRun[], other: SideName, pick: (run: SideRun) => number): number {
  const of = (side: SideName, round: number) => runs.find((run) => run.side === side && run.round === round);
  const ratios = runs
    .filter(({ side }) => side === other)
    .map((theirs) => ({ theirs, ours: of("ours", theirs.round) }))
    .map(({ theirs, ours }) => (ours === undefined ? Number.NaN : pick(ours) / pick(theirs)));
  return spreadOf(ratios).median;
}

function apiSeconds({ requests }: SideRun): number {
  return (requests.lastAt - requests.firstAt) / 1000;
}

function requestsPerPod({ requests, pods }: SideRun): number {
  return requests.total / pods;
}
