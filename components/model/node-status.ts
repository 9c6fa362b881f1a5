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
  /** Which of MemoryPressure, DiskPressure, PIDPressure and NetworkUnavailable hold; absent in older states. */
  readonly conditions?: readonly string[];
  /** What the machine has, by resource, rounded: `{ cpu: "4", memory: "7.6Gi", pods: "110" }`; absent where it is not told. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** What of it pods may ask for. */
  readonly allocatable?: Readonly<Record<string, string>>;
  /** Addresses of its pods, as `10.244.1.0/24`; absent where the network plugin keeps them to itself. */
  readonly podCidr?: string;
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
  const { conditions, capacity, allocatable, podCidr } = seen;
  return {
    ...{ pool, ready, schedulable, kubeletVersion, internalIp, containerRuntime },
    ...(conditions && { conditions }),
    ...(capacity && { capacity }),
    ...(allocatable && { allocatable }),
    ...(podCidr && { podCidr }),
  };
}
