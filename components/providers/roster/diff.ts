// What a change of a Roster means: always an update in place. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { RosterInputs, RosterOutputs } from "./state.ts";

/** Compares members, pools and owner. */
export function diffRoster(olds: RosterOutputs, news: RosterInputs): pulumi.dynamic.DiffResult {
  const changes = (["owner", "members", "pools"] as const).some(
    (field) => !isDeepStrictEqual(olds[field], news[field]),
  );
  return { changes, deleteBeforeReplace: false };
}
