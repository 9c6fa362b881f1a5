// What a change of a Roster means: always an update in place. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { RosterInputs, RosterOutputs } from "./state.ts";

/** Compares members, pools, lost hosts and owner; a mark left on a declared member is a change as well: its cordon is to be lifted. */
export function diffRoster(
  olds: RosterOutputs,
  news: RosterInputs,
  isMarkLeft: boolean,
): pulumi.dynamic.DiffResult {
  const differs = (["owner", "members", "pools", "lost"] as const).some(
    (field) => !isDeepStrictEqual(olds[field], news[field]),
  );
  return { changes: differs || isMarkLeft, deleteBeforeReplace: false };
}
