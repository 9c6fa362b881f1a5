// Renders what the client saw of each run, and the middle of each side's rounds. Pure.
import type { Served } from "../../support/traffic.ts";
import { spreadOf } from "../spread.ts";
import { fixed, renderTable } from "../table.ts";
import type { ScaleInRun } from "./results.ts";

const header = ["side", "round", "wall s", "requests", "failed", "owners with failures"];
const rest = ["longest outage s", "of", "CPU s", "others' CPU s", "load before"];

/** Renders every run, and a line for each side. */
export function renderScaleInReport(runs: readonly ScaleInRun[]): string {
  const table = renderTable([[...header, ...rest], ...runs.map(rowOf)], 1);
  const names = [...new Set(runs.map(({ side }) => side))];
  return [...table, "", ...names.map((side) => renderSide(runs.filter((run) => run.side === side)))].join(
    "\n",
  );
}

/** Requests that failed in a run. */
function failedIn({ served }: ScaleInRun): number {
  return served.reduce((sum, { failed }) => sum + failed, 0);
}

function worst({ served }: ScaleInRun): Served | undefined {
  return served.toSorted((one, other) => other.longestOutage - one.longestOutage)[0];
}

function rowOf(run: ScaleInRun): readonly string[] {
  const { served } = run;
  const requests = served.reduce((sum, one) => sum + one.requests, 0);
  const hurt = served.filter(({ failed }) => failed > 0).length;
  const outage = worst(run);
  return [
    run.side,
    `${run.round}`,
    fixed(run.seconds),
    ...[requests, failedIn(run), hurt].map(String),
    fixed(outage?.longestOutage ?? Number.NaN),
    hurt > 0 ? (outage?.name ?? "–") : "–",
    ...[fixed(run.ownSeconds), fixed(run.otherSeconds), fixed(run.load, 2)],
  ];
}

function renderSide(runs: readonly ScaleInRun[]): string {
  const spread = (values: readonly number[]) => {
    const { median, min, max } = spreadOf(values);
    return `${fixed(median)} (${fixed(min)}–${fixed(max)})`;
  };
  const [outages, failed, seconds] = [
    runs.map((run) => worst(run)?.longestOutage ?? 0),
    runs.map(failedIn),
    runs.map((run) => run.seconds),
  ];
  return `${runs[0]?.side}: failed requests ${spread(failed)}, longest outage of an owner ${spread(outages)} s, wall time ${spread(seconds)} s`;
}
