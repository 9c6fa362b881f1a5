// The tools of the lab, which `npm test` gets beside the tests that need none.
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Names the file in which `npm test` writes the outcome: nothing, or why there are no tools. */
export const outcomeVariable = "NODEPOOLS_TOOLS_OUTCOME";

/** Tells whether the tools are still being made. */
export function toolsAreMissing(): boolean {
  const outcome = process.env[outcomeVariable];
  return outcome !== undefined && !existsSync(outcome);
}

/** Waits until the tools are there; throws what went wrong with them. */
export async function waitForTools(): Promise<void> {
  while (toolsAreMissing()) await sleep(500);
  const outcome = process.env[outcomeVariable];
  const problem = outcome === undefined ? "" : readFileSync(outcome, "utf8");
  if (problem !== "") throw new Error(problem);
}
