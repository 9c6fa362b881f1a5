// Tells facts on a resource's row: as lines for people, or each as one JSON object for tools.
import { type FactLine, factLines } from "../drain/preview/fact-text.ts";
import type { DisruptionFact } from "../drain/preview/facts.ts";
import type { Progress } from "./progress.ts";

/** Tells each fact once. */
export async function tellFacts(facts: readonly DisruptionFact[], progress: Progress): Promise<void> {
  for (const { text, severity } of render(facts))
    await (severity === "warning" ? progress.warn(text) : progress.say(text));
}

/**
 * Tools set NODEPOOLS_FACTS for the Pulumi CLI, to read all facts from the diagnostics of `preview --json`. These are
 * never warnings there: the CLI puts `warning: ` before the text, which would then be no JSON.
 */
function render(facts: readonly DisruptionFact[]): FactLine[] {
  if (process.env.NODEPOOLS_FACTS !== "json") return factLines(facts);
  return facts.map((fact) => ({ text: JSON.stringify(fact), severity: "info" }));
}
