// Writes all problems of a config as one message. Pure.

import { formatPlace, type Path, type Problem, show } from "./problem.ts";
import { isMap } from "./raw-config.ts";

/** A slip in a column of a long list is one slip. */
const shown = 50;

/**
 * Writes `<doing>: 2 problems, nothing was changed.` and one line per problem with its path; with the raw config at
 * hand, host and pool are named as well, because positions are hard to count in a long file.
 */
export function formatProblems(doing: string, problems: readonly Problem[], raw?: unknown): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problemLines(problems.slice(0, shown), raw).map((line) => `\n  ${line}`);
  const rest = problems.length > shown ? `\n  and ${problems.length - shown} more` : "";
  return `${doing}: ${count}, nothing was changed.${lines.join("")}${rest}`;
}

/** Writes each problem as one line with its path, and with the names of its host and pool where raw config is given. */
export function problemLines(problems: readonly Problem[], raw?: unknown): string[] {
  return problems.map((problem) => {
    const { path, text } = problem;
    return `${formatPlace(problem)}${formatNames(raw, path)}: ${text}`;
  });
}

function formatNames(raw: unknown, path: Path): string {
  const pool = path[0] === "pools" ? nameAt(raw, path.slice(0, 2)) : undefined;
  const host = path[2] === "hosts" ? nameAt(raw, path.slice(0, 4)) : undefined;
  const names = [host && `host ${host}`, pool && `pool ${pool}`].filter((name) => name !== undefined);
  return names.length === 0 ? "" : ` (${names.join(" of ")})`;
}

function nameAt(raw: unknown, path: Path): string | undefined {
  let value = raw;
  for (const segment of path)
    value = isMap(value) || Array.isArray(value) ? Reflect.get(value, segment) : undefined;
  return isMap(value) && typeof value.name === "string" ? show(value.name) : undefined;
}
