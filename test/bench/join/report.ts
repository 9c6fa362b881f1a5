// Renders the runs as tables, and below them the ratio with its bar. Pure.
import { spreadOf } from "../spread.ts";
import { fixed, renderTable } from "../table.ts";
import type { JoinRun, LaterRun } from "./results.ts";

/** How many times the time of the shell loop `pulumi up` may take. */
const bar = 1.2;

const joinHeader = ["side", "round", "hosts", "wall s", "to start", "to join", "to Ready", "to end"];
const conditionsHeader = ["CPU s", "others' CPU s", "load before"];
const laterHeader = ["afterwards", "wall s", "SSH logins elsewhere"];

/** Renders every run with its stages, the operations afterwards, and the ratio of both sides. */
export function renderJoinReport(runs: readonly JoinRun[], later: readonly LaterRun[]): string {
  const tables = [
    renderTable([[...joinHeader, ...conditionsHeader], ...runs.map(rowOf)], 1),
    runs.flatMap(renderSteps),
    later.length > 0 ? renderTable([[...laterHeader, ...conditionsHeader], ...later.map(laterRowOf)], 1) : [],
    [renderRatio(runs)],
  ];
  const text = tables.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return text.join("\n\n");
}

function rowOf(run: JoinRun): readonly string[] {
  const { started, joined, ready } = run.stages;
  const stages = [started, joined - started, ready - joined, run.seconds - ready];
  const seconds = [run.seconds, ...stages].map((value) => fixed(value));
  return [run.side, `${run.round}`, `${run.hosts}`, ...seconds, ...conditionsOf(run)];
}

function laterRowOf(run: LaterRun): readonly string[] {
  return [run.what, fixed(run.seconds), `${run.loginsElsewhere}`, ...conditionsOf(run)];
}

function conditionsOf({ ownSeconds, otherSeconds, load }: JoinRun | LaterRun): readonly string[] {
  return [fixed(ownSeconds), fixed(otherSeconds), fixed(load, 2)];
}

function renderSteps({ side, round, steps }: JoinRun): readonly string[] {
  if (steps === undefined) return [];
  const parts = Object.entries(steps).map(([name, seconds]) => `${name} ${fixed(seconds)} s`);
  return [`${side}, round ${round}, on the median host: ${parts.join(", ")}`];
}

/** The median of the rounds' own ratios: what the machine does besides changes from round to round. */
function renderRatio(runs: readonly JoinRun[]): string {
  const ours = runs.filter(({ side }) => side === "ours");
  const ratios = ours.flatMap(({ round, seconds }) =>
    runs.filter((run) => run.side === "by hand" && run.round === round).map((run) => seconds / run.seconds),
  );
  if (ratios.length === 0) return "✗ wall time, ours ÷ by hand: a side is missing";
  const { median, min, max } = spreadOf(ratios);
  const mark = median <= bar ? "✓" : "✗";
  const spread = `${fixed(min, 2)}–${fixed(max, 2)}`;
  return `${mark} wall time, ours ÷ by hand ${fixed(median, 2)} (${spread}; bar ≤ ${bar})`;
}
