// How the nodes of a pool are drained, in kubectl's words. Pure.

/** Declares how a node is drained before it leaves, is reset or is rebooted. */
export interface DrainPolicy {
  /** Limits one node's drain from the first eviction to the last pod and volume gone, in seconds. */
  readonly timeoutSeconds: number;
  /** Overrides each pod's termination grace period, in seconds; absent means the pod's own. */
  readonly gracePeriodSeconds?: number;
  /** Allows evicting pods with emptyDir volumes, whose data is lost. */
  readonly deleteEmptyDirData: boolean;
  /** Allows evicting pods that no controller will create again. */
  readonly force: boolean;
}

/** Declares how the nodes of one pool leave. */
export interface LeavingPolicy {
  readonly drain: DrainPolicy;
  /** How many of them may drain at once. */
  readonly maxUnavailable: number;
}
