// How each node of a pool leaves: by its host's own drain policy, or by its pool's. Pure.
import type { DrainPolicy, LeavingPolicy } from "./drain-policy.ts";

/** What a host declares to differ from its pool's policy. */
export type DrainOverride = Partial<DrainPolicy>;

/** Declares how the nodes of one pool leave, and which hosts differ. */
export interface PoolPolicy extends LeavingPolicy {
  /** Whole policies by node name, of all listed hosts with an override, members or not; absent when there are none. */
  readonly hostDrains?: Readonly<Record<string, DrainPolicy>>;
}

/** Merges field by field; a host's list of rules replaces its pool's. */
export function mergeDrain(pool: DrainPolicy, override: DrainOverride = {}): DrainPolicy {
  return { ...pool, ...override };
}

/** Returns the policy of a pool with these hosts. */
export function poolPolicy(
  policy: LeavingPolicy,
  hosts: readonly { readonly name: string; readonly drain?: DrainOverride | undefined }[],
): PoolPolicy {
  const different = hosts.flatMap(({ name, drain }) =>
    drain === undefined ? [] : [[name, mergeDrain(policy.drain, drain)] as const],
  );
  return { ...policy, ...(different.length > 0 && { hostDrains: Object.fromEntries(different) }) };
}

/**
 * Returns how a node that was a member of `pool` leaves: by the policy of its host's entry, in whichever pool that
 * is, else by its pool's; undefined when neither is declared.
 */
export function leavingPolicy(
  node: string,
  pool: string,
  declared: ReadonlyMap<string, PoolPolicy>,
): LeavingPolicy | undefined {
  const listing = [...declared.values()].find(({ hostDrains = {} }) => Object.hasOwn(hostDrains, node));
  const own = listing?.hostDrains?.[node];
  const policy = declared.get(pool) ?? listing;
  if (policy === undefined) return undefined;
  const { drain, maxUnavailable, hooks } = policy;
  return { drain: own ?? drain, maxUnavailable, ...(hooks && { hooks }) };
}
