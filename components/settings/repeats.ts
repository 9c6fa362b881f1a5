// Finds entries of raw config that are identified by the same value. Pure.
import type { Loose } from "./loose.ts";
import { formatPath, type Path, type Problem, show } from "./problem.ts";

/** A raw pool, host, taint or rule and where it is. */
export interface Located {
  readonly path: Path;
  readonly entry: Loose;
}

/** Returns a problem at `field` of each entry whose identity an earlier entry has; entries without one are left alone. */
export function findRepeats(
  entries: readonly Located[],
  field: string,
  identify: (entry: Loose) => string | undefined,
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
    return [{ path: [...path, field], text }];
  });
}

/** Identifies by a text without regard to letter case. */
export function keyOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.toLowerCase() : undefined;
}
