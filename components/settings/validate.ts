// Runs the schema over raw config and words what it finds; sorts problems into the order of the file. Pure.
import type { z } from "zod";
import { didYouMean, type Parsed, type Path, type Problem } from "./problem.ts";
import { knownFields } from "./schema.ts";

/** Parses raw config with a schema; problems carry paths below `root`. */
export function parseWith<Value>(schema: z.ZodType<Value>, raw: unknown, root: Path): Parsed<Value> {
  const result = schema.safeParse(raw);
  if (result.success) return { value: result.data };
  return { problems: result.error.issues.flatMap((issue) => describe(issue, [...root, ...issue.path])) };
}

function describe(issue: z.core.$ZodIssue, path: Path): Problem[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], text: describeUnknownKey(key, path) }));
    case "invalid_key":
      return issue.issues.map(({ message }) => ({ path, text: message }));
    default:
      return [{ path, text: issue.message }];
  }
}

function describeUnknownKey(key: string, path: Path): string {
  const known = knownFieldsAt(path);
  return `unknown key.${didYouMean(key, known) || ` Known here: ${known.join(", ")}.`}`;
}

function knownFieldsAt(path: Path): readonly string[] {
  const parent = path.findLast((segment) => typeof segment === "string") ?? "";
  return knownFields[parent as string] ?? [];
}

/** Sorts problems in the order of the file: lists by position, fields as the documentation lists them. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((one, other) => comparePaths(one.path, other.path));
}

function comparePaths(one: Path, other: Path): number {
  const at = one.findIndex((segment, index) => segment !== other[index]);
  if (at === -1 || at >= other.length) return one.length - other.length;
  const order = knownFieldsAt(one.slice(0, at));
  return rank(one[at], order) - rank(other[at], order);
}

function rank(segment: PropertyKey | undefined, order: readonly string[]): number {
  if (typeof segment === "number") return segment;
  const position = order.indexOf(String(segment));
  return position === -1 ? order.length : position;
}
