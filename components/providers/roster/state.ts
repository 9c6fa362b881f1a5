// What Pulumi's state holds for the roster of a cluster: an on-disk format, so shapes only grow. Pure.
import type { PoolLimits } from "../../model/limits.ts";
import type { PoolPolicy } from "../../model/pool-policy.ts";
import type { Taint } from "../../model/taint.ts";

/** Names one declared member. */
export interface RosterMember {
  readonly node: string;
  readonly pool: string;
  /** The host's rejoinTrigger; absent in older states. */
  readonly rejoinTrigger?: string;
  /** The host's rebootTrigger; absent when none is declared. */
  readonly rebootTrigger?: string;
  /** True when the node is declared cordoned; absent otherwise. */
  readonly cordoned?: true;
  /** True when the node is declared drained for maintenance; absent otherwise. */
  readonly maintenance?: true;
  /** Taints of effect NoExecute that pool and host declare; absent when there are none. */
  readonly noExecute?: readonly Taint[];
}

/** Names a host whose machine is dead or cut off. */
export interface LostHost {
  readonly node: string;
  /** The rejoinTrigger that the host had when it was declared lost. */
  readonly rejoinTrigger: string;
}

/** Describes how the nodes of one pool leave. */
export interface RosterPool extends PoolPolicy {
  readonly name: string;
  /** How large a change may be; absent means the defaults. */
  readonly limits?: PoolLimits;
  /** Version of Kubernetes that the pool's hosts are prepared for; absent when they come prepared. */
  readonly kubernetes?: string;
}

/** Declares all members of a cluster at once, so that a change of membership is one reviewable thing. */
export interface RosterInputs {
  readonly schema: 1;
  /** Stack that owns the members, as `organization/project/stack`. */
  readonly owner: string;
  /** Sorted by node name. */
  readonly members: readonly RosterMember[];
  /** Sorted by name. */
  readonly pools: readonly RosterPool[];
  /** Hosts that are declared lost, and those that were and have not been wiped since; absent when there are none. */
  readonly lost?: readonly LostHost[];
  /** URN of this resource, for progress lines on its own row. */
  readonly __urn: string;
}

/** Repeats the inputs; the roster observes nothing. */
export type RosterOutputs = RosterInputs;
