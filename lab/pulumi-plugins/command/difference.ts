// Which inputs of a command changed, property by property, as the official plugin reports it. Pure.
import { isDeepStrictEqual } from "node:util";
import { isProperties, isSecret, type Properties, type Value } from "./properties.ts";

/** One changed property. */
export interface Change {
  /** Pulumi property path, for example `triggers[0]`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** Whether the resource must be replaced because of it. */
  readonly replaces: boolean;
}

/** Names of the inputs of command:remote:Command. */
const INPUTS = [
  "connection",
  "create",
  "update",
  "delete",
  "stdin",
  "environment",
  "triggers",
  "logging",
  "addPreviousOutputInEnv",
];

/** Compares the inputs kept in `state` with new `inputs`; only changed triggers replace. */
export function changedInputs(state: Properties, inputs: Properties): Change[] {
  return INPUTS.flatMap((name) => compare(name, state[name], inputs[name])).map((change) => ({
    ...change,
    replaces: /^triggers\b/.test(change.path),
  }));
}

type Difference = Omit<Change, "replaces">;

function compare(path: string, old: Value | undefined, now: Value | undefined): Difference[] {
  if (isAbsent(old)) return isAbsent(now) ? [] : [{ path, kind: "add" }];
  if (isAbsent(now)) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    const longest = old.length > now.length ? old : now;
    return longest.flatMap((_, index) => compare(`${path}[${index}]`, old[index], now[index]));
  }
  // A secret is compared whole: the engine's property diff does not look inside one.
  if (isProperties(old) && isProperties(now) && !isSecret(old) && !isSecret(now)) {
    const names = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...names].flatMap((name) => compare(path + member(name), old[name], now[name]));
  }
  return isDeepStrictEqual(old, now) ? [] : [{ path, kind: "update" }];
}

function isAbsent(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function member(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `["${name.replaceAll('"', '\\"')}"]`;
}
