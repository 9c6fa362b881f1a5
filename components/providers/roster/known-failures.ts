// Refuses, at preview and where limits.refuseKnownFailures asks for it, a change of which a drain is known to fail.

import { podKey } from "../../drain/pod-filters.ts";
import { describeDisruption } from "../../drain/preview/describe.ts";
import { factText } from "../../drain/preview/fact-text.ts";
import type { DisruptionFact, FactKind } from "../../drain/preview/facts.ts";
import { judgePods, type Scene } from "../../drain/preview/scene.ts";
import type { Refusal } from "../../model/declaration-fact.ts";
import { errorText } from "../errors.ts";
import type { Operation } from "../operation.ts";
import { readScene } from "./preview.ts";
import type { RosterInputs } from "./state.ts";

/** Lists the kinds of facts after which a drain fails, whatever happens meanwhile: a budget may be deleted, and is not counted on. */
const failingKinds = [
  "refused",
  "budget-stranded",
  "budget-hopeless",
  "budgets-overlap",
] as const satisfies readonly FactKind[];

type FailingFact = Extract<DisruptionFact, { readonly kind: (typeof failingKinds)[number] }>;

/** Returns one refusal for each known failure of a pool with the option; asks nothing for other pools. */
export async function knownFailures(
  operation: Operation,
  olds: RosterInputs,
  news: RosterInputs,
): Promise<Refusal[]> {
  const pools = strictPools(olds, news);
  if (pools.size === 0) return [];
  try {
    const scene = await readScene(operation, olds, news);
    return scene === undefined ? [] : explainFailures(scene, pools);
  } catch (error) {
    const reason = `limits.refuseKnownFailures cannot be checked: ${errorText(error)}`;
    return [{ reason, rule: "limits.refuseKnownFailures" }];
  }
}

/** A pool that is gone has the limits that it had. */
function strictPools(olds: RosterInputs, news: RosterInputs): ReadonlySet<string> {
  const pools = new Map([...olds.pools, ...news.pools].map((pool) => [pool.name, pool]));
  return new Set(
    [...pools.values()].flatMap(({ name, limits }) => (limits?.refuseKnownFailures ? [name] : [])),
  );
}

/** Judges all pools together, since they share budgets, and refuses for those that ask for it. Pure. */
export function explainFailures(scene: Scene, pools: ReadonlySet<string>): Refusal[] {
  const judged = judgePods(scene);
  return describeDisruption(scene)
    .filter(isFailing)
    .flatMap((fact) => {
      const concerned = judged.filter(({ pod, node }) => {
        // Budgets do not end a drain that deletes what they still hold.
        const isHeld = fact.kind === "refused" || node.policy.onTimeout !== "deletePods";
        return isHeld && pools.has(node.pool) && fact.pods.includes(podKey(pod));
      });
      const [pool] = concerned.map(({ node }) => node.pool);
      if (pool === undefined) return [];
      return [
        {
          reason: `pool "${pool}": known to fail: ${factText(fact)}. Mend that first, or take limits.refuseKnownFailures away for this run`,
          rule: "limits.refuseKnownFailures",
          pool,
          nodes: [...new Set(concerned.map(({ node }) => node.nodeName))].sort(),
          yaml: "limits: { refuseKnownFailures: false }",
        },
      ];
    });
}

function isFailing(fact: DisruptionFact): fact is FailingFact {
  return failingKinds.some((kind) => kind === fact.kind);
}
