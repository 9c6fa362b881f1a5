// Which fields of two declarations of the same kind differ. Pure.
import { isDeepStrictEqual } from "node:util";
import { formatPath, type Path } from "./problem.ts";
import { isMap } from "./raw-config.ts";

/** One field that has another value; absent before or after means that it is not declared. */
export interface FieldChange {
  /** As `drain.timeoutSeconds`. */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
}

/** Compares two values of the same kind; `isHidden` fields are named, and their values are not shown. */
export function compareFields(
  before: unknown,
  after: unknown,
  isHidden: (path: Path) => boolean = () => false,
): FieldChange[] {
  const [olds, news] = [flatten(before), flatten(after)];
  const fields = [...new Set([...news.keys(), ...olds.keys()])];
  return fields.flatMap((field) => {
    const [old, now] = [olds.get(field), news.get(field)];
    if (isDeepStrictEqual(old?.value, now?.value)) return [];
    const say = (leaf: Leaf | undefined) => leaf && (isHidden(leaf.path) ? "(not shown)" : write(leaf.value));
    const [beforeText, afterText] = [say(old), say(now)];
    return [
      {
        field,
        ...(beforeText !== undefined && { before: beforeText }),
        ...(afterText !== undefined && { after: afterText }),
      },
    ];
  });
}

interface Leaf {
  readonly path: Path;
  readonly value: unknown;
}

function flatten(value: unknown, path: Path = []): Map<string, Leaf> {
  if (value === undefined) return new Map();
  if (!isMap(value) || Object.keys(value).length === 0) return new Map([[formatPath(path), { path, value }]]);
  return new Map(Object.entries(value).flatMap(([key, field]) => [...flatten(field, [...path, key])]));
}

/** Lists are told whole: an entry has no name by which it could be followed. */
function write(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
