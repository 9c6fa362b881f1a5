// What a node carries by the declarations of its pool and its host, and what to change on its Node to get there. Pure.

import type { NodeMetadata } from "./host.ts";
import { isSameTaint, type Taint } from "./taint.ts";

/** A taint as the API server returns it: ours or another writer's. */
export interface NodeTaintLike {
  readonly key: string;
  readonly value?: string | undefined;
  readonly effect: string;
}

type Keys = Readonly<Record<string, string>>;

/**
 * Plans a minimal merge patch for labels or annotations: sets what differs, removes (null) what was owned and is no
 * longer declared, and touches no other key. `owned` is the former declaration; only its keys matter.
 */
export function planKeys(current: Keys, owned: Keys, declared: Keys): Record<string, string | null> {
  const changed = Object.entries(declared).filter(([key, value]) => current[key] !== value);
  const dropped = Object.keys(owned).filter(
    (key) => Object.hasOwn(current, key) && !Object.hasOwn(declared, key),
  );
  return Object.fromEntries([...changed, ...dropped.map((key) => [key, null] as const)]);
}

/**
 * Plans the whole list of taints, because Kubernetes treats it as one value: foreign taints stay as they are and where
 * they are, declared ones are corrected in place or appended, formerly owned ones go. Undefined when nothing differs.
 */
export function planTaints<Current extends NodeTaintLike>(
  current: readonly Current[],
  owned: readonly Taint[],
  declared: readonly Taint[],
): (Current | Taint)[] | undefined {
  const kept = current
    .filter((taint) => has(declared, taint) || !has(owned, taint))
    .map(
      (taint) => declared.find((other) => isSameTaint(other, taint) && !hasSameValue(other, taint)) ?? taint,
    );
  const planned = [...kept, ...declared.filter((taint) => !has(current, taint))];
  const isUnchanged =
    planned.length === current.length && planned.every((taint, at) => taint === current[at]);
  return isUnchanged ? undefined : planned;
}

function has(taints: readonly NodeTaintLike[], wanted: NodeTaintLike): boolean {
  return taints.some((taint) => isSameTaint(taint, wanted));
}

// The API server drops an empty value, so absent and empty are one.
function hasSameValue(one: NodeTaintLike, other: NodeTaintLike): boolean {
  return (one.value ?? "") === (other.value ?? "");
}

/** Merges the metadata of a pool and of one of its hosts: the host's wins, by key, for taints by key and effect. */
export function mergeMetadata(pool: NodeMetadata, host: NodeMetadata): NodeMetadata {
  const poolTaints = pool.taints.filter((taint) => !host.taints.some((own) => isSameTaint(own, taint)));
  return {
    labels: { ...pool.labels, ...host.labels },
    annotations: { ...pool.annotations, ...host.annotations },
    taints: [...poolTaints, ...host.taints],
  };
}
