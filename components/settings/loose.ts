// Walks raw config that may be anything, so that checks across entries work beside entries that are wrong. Pure.

/** A map of raw config, before anything is known about it. */
export type Loose = Readonly<Record<string, unknown>>;

/** One map of a raw list and its position in it. */
export interface LooseEntry {
  readonly at: number;
  readonly entry: Loose;
}

/** Returns the maps of a raw list with their positions; nothing when it is no list. */
export function looseEntries(list: unknown): LooseEntry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown, at) => (isMap(entry) ? [{ at, entry }] : []));
}

/** Tells whether a raw value is a map. */
export function isMap(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
