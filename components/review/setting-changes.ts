// What a change alters in the declaration itself, field by field; what is the same on many hosts is told once. Pure.
import { compareFields, type FieldChange } from "../settings/compare-fields.ts";
import type { Pool, PoolHost } from "../settings/pool.ts";

/** One field that has another value. */
export interface SettingChange extends FieldChange {
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
