// What changed between two properties, path by path, as the engine's property diffs say it. Pure.
import { isDeepStrictEqual } from "node:util";
import { isProperties, isSecret, type Value } from "./properties.ts";

/** One changed property. */
export interface Difference {
  /** Pulumi property path, for example `triggers[0]`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
}

/** A changed property of a resource. */
export interface Change extends Difference {
  /** Whether the resource must be replaced because of it. */
  readonly replaces: boolean;
}

/** Compares two values at `path`; null is the same as absent, and a secret is compared whole, as the engine does. */
export function differences(path: string, old: Value | undefined, now: Value | undefined): Difference[] {
  if (isAbsent(old)) return isAbsent(now) ? [] : [{ path, kind: "add" }];
  if (isAbsent(now)) return [{ path, kind: "delete" }];
  if (Array.isArray(old) && Array.isArray(now)) {
    const longest = old.length > now.length ? old : now;
    return longest.flatMap((_, index) => differences(`${path}[${index}]`, old[index], now[index]));
  }
  if (isProperties(old) && isProperties(now) && !isSecret(old) && !isSecret(now)) {
    const names = new Set([...Object.keys(old), ...Object.keys(now)]);
    return [...names].flatMap((name) => differences(path + member(path, name), old[name], now[name]));
  }
  return isDeepStrictEqual(old, now) ? [] : [{ path, kind: "update" }];
}

function isAbsent(value: Value | undefined): value is null | undefined {
  return value === undefined || value === null;
}

function member(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `["${name.replaceAll('"', '\\"')}"]`;
  return path === "" ? name : `.${name}`;
}
