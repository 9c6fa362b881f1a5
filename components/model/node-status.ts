// What a stack tells of each node in its outputs. Pure.

/** Describes a Node as it was last seen. */
export interface SeenNode {
  /** Status of its Ready condition: True, False or Unknown. */
  readonly ready: string;
  /** False while it is cordoned, by whomever. */
  readonly schedulable: boolean;
  /** As `v1.34.4`. */
  readonly kubeletVersion: string;
  /** As `containerd://2.0.0`. */
  readonly containerRuntime: string;
  /** Empty when the Node has none. */
  readonly internalIp: string;
}

/** Describes a member as it was last seen; without a Node `ready` is NotFound and nothing else is known. */
export type NodeStatus = {
  readonly pool: string;
  /** Only of a node that is no longer declared: its removal had begun, and had not ended, when this was written. */
  readonly removal?: "pending";
} & (SeenNode | { readonly ready: "NotFound" });

/** Nodes whose removal has begun, by name, at a time in seconds since 1970. */
export interface Removals {
  readonly at: number;
  readonly nodes: Readonly<Record<string, NodeStatus>>;
}

/** Tells the status of a pool's member from what was seen of its Node; null means that there was none. */
export function nodeStatus(pool: string, seen: SeenNode | null): NodeStatus {
  if (seen === null) return { pool, ready: "NotFound" };
  const { ready, schedulable, kubeletVersion, containerRuntime, internalIp } = seen;
  return { pool, ready, schedulable, kubeletVersion, internalIp, containerRuntime };
}
