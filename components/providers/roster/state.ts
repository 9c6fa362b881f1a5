// What Pulumi's state holds for the roster of a cluster, an on-disk format, so shapes only grow; and what a change of it
// means. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import type { Hooks } from "../../model/hooks.ts";
import type { Removals } from "../../model/node-status.ts";
import type { LostHost, RosterMember, RosterPool } from "../../model/roster.ts";

/** A member whose removal has begun. */
export interface PendingRemoval extends RosterMember {
  /** How it leaves, when its pool is no longer declared either; absent when that is not known. */
  readonly drain?: DrainPolicy | undefined;
  /** The hooks of its pool, likewise; absent in older states. */
  readonly hooks?: Hooks | undefined;
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
  /** Names of the hosts among `lost` that are declared so now; absent when all are. */
  readonly lostNow?: readonly string[];
  /** Members that are no longer declared and whose Nodes were still there when the engine asked; absent when there are none. */
  readonly pending?: readonly PendingRemoval[];
  /** `sha256:` pin of the cluster that the members have joined; absent in older states, and when none has. */
  readonly clusterCa?: string;
  /** Where `access` declares its ServiceAccount; absent when no access is declared, and in older states. */
  readonly accessNamespace?: string;
  /** URN of this resource, for progress lines on its own row. */
  readonly __urn: string;
}

/** Adds to the inputs what was there of the nodes that leave; absent in older states, and when none did. */
export interface RosterOutputs extends RosterInputs {
  readonly removals?: Removals;
}

/**
 * Compares members, pools, lost hosts and owner, not what is pending, which ends by itself. Work that is left is a change
 * as well: a mark on a declared member, whose cordon is to be lifted; a removal that has not ended, which is to be told.
 */
export function diffRoster(
  olds: RosterOutputs,
  news: RosterInputs,
  isWorkLeft: boolean,
): pulumi.dynamic.DiffResult {
  const differs = (["owner", "members", "pools", "lost"] as const).some(
    (field) => !isDeepStrictEqual(olds[field], news[field]),
  );
  return { changes: differs || isWorkLeft, deleteBeforeReplace: false };
}
