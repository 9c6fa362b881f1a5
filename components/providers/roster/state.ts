// What Pulumi's state holds for the roster of a cluster, an on-disk format, so shapes only grow; and what a change of it
// means. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { LostHost, RosterMember, RosterPool } from "../../model/roster.ts";

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

/** Compares members, pools, lost hosts and owner; a mark left on a declared member is a change as well: its cordon is to be lifted. */
export function diffRoster(
  olds: RosterOutputs,
  news: RosterInputs,
  isStaleMarkLeft: boolean,
): pulumi.dynamic.DiffResult {
  const differs = (["owner", "members", "pools", "lost"] as const).some(
    (field) => !isDeepStrictEqual(olds[field], news[field]),
  );
  return { changes: differs || isStaleMarkLeft, deleteBeforeReplace: false };
}
