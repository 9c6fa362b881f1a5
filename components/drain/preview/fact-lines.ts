// The facts of a preview as the lines that people read: few of each kind. Pure.
import { factText } from "./fact-text.ts";
import type { RemovalFact } from "./facts.ts";

/** One line, and how much it matters. */
export interface FactLine {
  readonly text: string;
  readonly severity: RemovalFact["severity"];
}

const shownPerKind = 5;

/** Says facts in their order: the first five of each kind, and how many more there are. */
export function factLines(facts: readonly RemovalFact[]): FactLine[] {
  return [...Map.groupBy(facts, ({ kind }) => kind)].flatMap(([kind, group]) => {
    const lines = group.map((fact) => ({ text: factText(fact), severity: fact.severity }));
    const rest = lines.slice(shownPerKind);
    const [first] = rest;
    if (first === undefined) return lines;
    const text = `${rest.length} more of ${kind}; NODEPOOLS_FACTS=json tells all`;
    return [...lines.slice(0, shownPerKind), { ...first, text }];
  });
}
