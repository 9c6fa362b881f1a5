// What Pulumi's state holds for the roster of a cluster: an on-disk format, so shapes only grow. Pure.
import type { DrainPolicy } from "../../model/drain-policy.ts";

/** Names one declared member. */
export interface RosterMember {
  readonly node: string;
  readonly pool: string;
  /** The host's rejoinTrigger; absent in older states. */
  readonly rejoinTrigger?: string;
}

/** Describes how the nodes of one pool leave. */
export interface RosterPool {
  readonly name: string;
  readonly maxUnavailable: number;
  readonly drain: DrainPolicy;
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
  /** URN of this resource, for progress lines on its own row. */
  readonly __urn: string;
}

/** Repeats the inputs; the roster observes nothing. */
export type RosterOutputs = RosterInputs;
