// For which owners drains wait until they have as many Ready pods as before. Pure.
import type { Pod } from "../../kube/api.ts";
import { replacementSeconds } from "../../model/drain-policy.ts";
import { isServing, ownerKey, podController } from "../pod-filters.ts";
import { countByOwner, type FactOf } from "./facts.ts";
import { type JudgedPod, moves } from "./scene.ts";

/** Tells, limit by limit, whose replacements are waited for; nothing of owners without a Ready pod. */
export function describeReplacements(
  pods: readonly Pod[],
  judged: readonly JudgedPod[],
): FactOf<"replacements-awaited">[] {
  const awaited = judged.filter(
    (one) => moves(one) && one.node.disruption !== "lost" && isCreatedAgain(one.pod),
  );
  const serving = new Map(
    countByOwner(pods.filter(isServing)).map(({ owner, pods: ready }) => [owner, ready]),
  );
  return [...Map.groupBy(awaited, ({ node }) => replacementSeconds(node.policy))]
    .flatMap(([seconds, group]) => (seconds === undefined ? [] : [{ seconds, group }]))
    .sort((one, other) => one.seconds - other.seconds)
    .flatMap(({ seconds, group }) => {
      const ready = group.filter(({ pod }) => serving.has(ownerKey(pod)));
      const owners = countByOwner(ready.map(({ pod }) => pod)).map((one) => ({
        ...one,
        ready: serving.get(one.owner) ?? 0,
      }));
      const nodes = [...new Set(ready.map(({ node }) => node.nodeName))].sort();
      if (owners.length === 0) return [];
      return [{ kind: "replacements-awaited", severity: "info", seconds, nodes, owners } as const];
    });
}

/** A Job makes up for a pod that was evicted, but keeps no number of Ready ones. */
function isCreatedAgain(pod: Pod): boolean {
  const owner = podController(pod);
  return owner !== undefined && owner.kind !== "Job";
}
