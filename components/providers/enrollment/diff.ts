// What a change of a HostEnrollment means: nothing, an update in place, or reset and join again. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { EnrollmentInputs, EnrollmentOutputs } from "./state.ts";

/**
 * Compares state with declaration. Labels and taints of the registration are left out on purpose: they matter only
 * while joining, later changes are the membership's.
 */
export function diffEnrollment(
  olds: EnrollmentOutputs,
  news: EnrollmentInputs,
  nodeMissing: boolean,
): pulumi.dynamic.DiffResult {
  const replaces: string[] = (["node", "rejoinTrigger"] as const).filter(
    (field) => olds[field] !== news[field],
  );
  if (nodeMissing) replaces.push("joinConfiguration");
  const changed = (["owner", "host"] as const).some((field) => !isDeepStrictEqual(olds[field], news[field]));
  return { changes: changed || replaces.length > 0, replaces, deleteBeforeReplace: true };
}
