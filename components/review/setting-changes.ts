// What a change alters in the declaration itself, field by field; what is the same on many hosts is told once. Pure.
import { isDeepStrictEqual } from "node:util";
import type { Pool, PoolHost } from "../settings/pool.ts";
import { formatPath, type Path } from "../settings/problem.ts";
import { isMap } from "../settings/raw-config.ts";

/** One field that has another value; absent before or after means that it is not declared. */
export interface SettingChange {
  /** As `drain.timeoutSeconds`. */
  readonly field: string;
  readonly before?: string;
  readonly after?: string;
  /** The hosts that have the field; absent when it is the pool's. */
  readonly hosts?: readonly string[];
}

/** Lists the fields of a pool that differ, without its hosts. */
export function poolSettingChanges(before: Pool, after: Pool): SettingChange[] {
  return compareFields(withoutHosts(before), withoutHosts(after));
}

function withoutHosts({ hosts: _, ...settings }: Pool): object {
  return withoutEmpty(settings);
}

/** No labels are what an empty map of labels is. */
function withoutEmpty(settings: object): object {
  const isEmpty = (value: unknown) =>
    typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => !isEmpty(value)));
}

/** Lists the fields of listed hosts that differ, folded over hosts; hosts that only one side lists are not in it. */
export function hostSettingChanges(before: readonly Pool[], after: readonly Pool[]): SettingChange[] {
  const former = new Map(before.flatMap(({ hosts }) => hosts).map((host) => [host.name, host]));
  const changes = after
    .flatMap(({ hosts }) => hosts)
    .flatMap((host) =>
      hostChanges(former.get(host.name), host).map((change) => ({ host: host.name, change })),
    );
  const same = Map.groupBy(changes, ({ change }) => JSON.stringify(change));
  return [...same.values()].flatMap((group) =>
    group.slice(0, 1).map(({ change }) => ({ ...change, hosts: group.map(({ host }) => host) })),
  );
}

function hostChanges(before: PoolHost | undefined, after: PoolHost): SettingChange[] {
  return before === undefined ? [] : compareFields(withoutEmpty(before), withoutEmpty(after));
}

/** Compares two values of the same kind; `isHidden` fields are named, and their values are not shown. */
export function compareFields(
  before: unknown,
  after: unknown,
  isHidden: (path: Path) => boolean = () => false,
): SettingChange[] {
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
