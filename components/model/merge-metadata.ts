// What a node carries by its pool's and its own declaration. Pure.
import type { NodeMetadata } from "./host.ts";
import { isSameTaint } from "./taint.ts";

/** Merges the metadata of a pool and of one of its hosts: the host's wins, by key, for taints by key and effect. */
export function mergeMetadata(pool: NodeMetadata, host: NodeMetadata): NodeMetadata {
  const poolTaints = pool.taints.filter((taint) => !host.taints.some((own) => isSameTaint(own, taint)));
  return {
    labels: { ...pool.labels, ...host.labels },
    annotations: { ...pool.annotations, ...host.annotations },
    taints: [...poolTaints, ...host.taints],
  };
}
