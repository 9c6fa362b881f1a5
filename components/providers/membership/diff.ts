// What a change of a NodeMembership means: nothing, an update in place, or drain, reset and join again. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { MembershipInputs, MembershipOutputs } from "./state.ts";

// Everything that a change in place may touch; `node` and `joinId` replace, `__urn` only says where to report.
const inPlace = [
  "pool",
  "owner",
  "machineId",
  "tokenId",
  "host",
  "labels",
  "annotations",
  "taints",
  "schedulable",
  "drained",
  "rebootTrigger",
  "readyTimeoutSeconds",
  "drain",
  "maxUnavailable",
] as const satisfies readonly (keyof MembershipInputs)[];

/** Compares state with declaration. The join's id replaces when it is new or not known yet: the machine joins anew. */
export function diffMembership(olds: MembershipOutputs, news: MembershipInputs): pulumi.dynamic.DiffResult {
  // At preview an id that is not known yet is a marker, which differs from every id.
  const replaces = (["node", "joinId"] as const).filter((field) => olds[field] !== news[field]);
  const changed = inPlace.filter((field) => !isDeepStrictEqual(olds[field], news[field]));
  // Not joined: a refresh has cleared the mark of an unfinished resource.
  const isUnfinished = olds.joined === false;
  return {
    changes: isUnfinished || replaces.length + changed.length > 0,
    replaces,
    deleteBeforeReplace: true,
  };
}
