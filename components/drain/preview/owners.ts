// Pods counted by who made them. Pure.
import type { Pod } from "../../kube/api.ts";
import { podOwner } from "../pod-filters.ts";
import type { OwnerCount } from "./facts.ts";

/** Names a pod's owner with its namespace, such as `shop/Deployment cart`. */
export function ownerKey(pod: Pod): string {
  return `${pod.metadata?.namespace}/${podOwner(pod)}`;
}

/** Counts pods by owner, sorted by owner. */
export function countByOwner(pods: readonly Pod[]): OwnerCount[] {
  const owners = Map.groupBy(pods, ownerKey);
  return [...owners]
    .map(([owner, group]) => ({ owner, pods: group.length }))
    .sort((one, other) => (one.owner < other.owner ? -1 : 1));
}
