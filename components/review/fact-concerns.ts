// What the facts of a preview mean for a reviewer: which kind of concern each one is, if it is one. Pure.
import { factText } from "../drain/preview/fact-text.ts";
import type { DisruptionFact, FactKind } from "../drain/preview/facts.ts";
import type { Concern, ConcernKind } from "./review.ts";

const kinds: { readonly [Kind in FactKind]?: ConcernKind } = {
  "change-refused": "refused",
  refused: "will-fail",
  "check-fails": "will-fail",
  "budget-hopeless": "will-fail",
  "budgets-overlap": "will-fail",
  "budget-stranded": "will-fail",
  "budget-exhausted": "may-not-end",
  "no-node-accepts": "may-not-end",
  "no-node-apart": "may-not-end",
  "no-node-spread": "may-not-end",
  "spread-waits": "may-not-end",
  "no-room": "may-not-end",
  "waits-for-pool": "may-not-end",
  "delete-hooks": "may-not-end",
  "grace-exceeds-timeout": "may-not-end",
  "work-lost": "data-loss",
  "runner-ends": "will-fail",
  "empty-dirs-lost": "data-loss",
  "ephemeral-volumes-lost": "data-loss",
  "local-volumes-left": "data-loss",
  "host-paths-left": "data-loss",
  "not-created-again": "data-loss",
  down: "down",
  "volumes-bound": "down",
  unreachable: "down",
  lost: "down",
  "budgets-bypassed": "past-budgets",
  "restarted-past-budgets": "past-budgets",
  "taint-evicts": "past-budgets",
  drift: "drift",
  unknown: "unknown",
  "budget-not-counted": "unknown",
};

/** Lists what a reviewer has to know of these facts; a warning of another kind is one too. */
export function factConcerns(facts: readonly DisruptionFact[]): Concern[] {
  return facts.flatMap((fact) => {
    const kind = kinds[fact.kind] ?? (fact.severity === "warning" ? "other" : undefined);
    if (kind === undefined) return [];
    const names = namesOf(fact);
    return [{ kind, text: factText(fact), ...(names.length > 0 && { names }), ...remedyOf(fact) }];
  });
}

function remedyOf(fact: DisruptionFact): Pick<Concern, "allow"> {
  if (fact.kind !== "change-refused" || fact.pool === undefined || fact.yaml === undefined) return {};
  return { allow: { pool: fact.pool, yaml: fact.yaml } };
}

function namesOf(fact: DisruptionFact): string[] {
  if ("pods" in fact && Array.isArray(fact.pods)) return [...fact.pods];
  if (!("owners" in fact)) return "nodes" in fact && Array.isArray(fact.nodes) ? [...fact.nodes] : [];
  return fact.owners.map((owner) => (typeof owner === "string" ? owner : `${owner.owner} ${owner.pods}`));
}
