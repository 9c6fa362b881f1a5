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

/** Says of a key that nobody reads where it belongs, or which one was meant; `path` leads to the map that it is in. */
export function describeUnknownKey(key: string, path: Path): string {
  const known = knownFieldsAt(path);
  return `unknown key.${didYouMean(key, known) || `${whereItBelongs(key)} Known here: ${known.join(", ")}.`}`;
}

/** Where each map of the config is, in words. */
const places: Readonly<Record<string, string>> = {
  cluster: "nodepools:cluster",
  access: "access of nodepools:cluster",
  verify: "verify of nodepools:cluster",
  checks: "an entry of verify.checks",
  ssh: "nodepools:ssh",
  bastion: "bastion of nodepools:ssh",
  pools: "an entry of nodepools:pools",
  drain: "drain of a pool or a host",
  rules: "an entry of drain.rules",
  hooks: "hooks of a pool",
  beforeDrain: "an entry of a list in hooks",
  job: "job of a hook",
  limits: "limits of a pool",
  prepare: "prepare of a pool",
  hosts: "an entry of a pool's hosts",
  taints: "an entry of taints",
};

function whereItBelongs(key: string): string {
  const found = Object.entries(places).filter(([map]) => knownFields[map]?.includes(key));
  return found.length === 0 ? "" : ` It belongs in ${found.map(([, place]) => place).join(", or in ")}.`;
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
