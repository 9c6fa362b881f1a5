// Raw config, before anything is known about it: how it is parsed and walked, so that checks across entries work beside
// entries that are wrong. Pure.
import { formatPath, type Path, type Problem, show } from "./problem.ts";

/** A map of raw config, before anything is known about it. */
export type Unvalidated = Readonly<Record<string, unknown>>;

/** One map of a raw list and its position in it. */
export interface UnvalidatedEntry {
  readonly at: number;
  readonly entry: Unvalidated;
}

/** Returns the maps of a raw list with their positions; nothing when it is no list. */
export function entriesOf(list: unknown): UnvalidatedEntry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, at) => (isMap(entry) ? [{ at, entry }] : []));
}

/** Tells whether a raw value is a map. */
export function isMap(value: unknown): value is Unvalidated {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Parses a config value; text that is not JSON stays text, for the schema to refuse without quoting it. */
export function parseConfigValue(value: string | undefined): unknown {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A raw pool, host, taint or rule and where it is. */
export interface Located {
  readonly path: Path;
  readonly entry: Unvalidated;
}

/** Returns a problem at `field` of each entry whose identity an earlier entry has; entries without one are left alone. */
export function findRepeats(
  entries: readonly Located[],
  field: string,
  identify: (entry: Unvalidated) => string | undefined,
  relation: string,
  remedy: string,
): Problem[] {
  const firstOf = new Map<string, Path>();
  return entries.flatMap(({ path, entry }) => {
    const identity = identify(entry);
    const first = identity === undefined ? undefined : firstOf.get(identity);
    if (identity !== undefined && first === undefined) firstOf.set(identity, path);
    if (first === undefined) return [];
    const text = `${show(entry[field])} is already ${relation} ${formatPath(first)}. ${remedy}`;
    return [{ path: [...path, field], text, other: first }];
  });
}

/** Identifies by a text without regard to letter case. */
export function keyOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}
