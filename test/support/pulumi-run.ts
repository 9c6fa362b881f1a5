// Runs of the CLI: how they have to end, and what they say.
import { expect } from "vitest";
import type { LabStack, PulumiRun } from "../../lab/stack.ts";

/** Waits for a run that has to succeed; otherwise the test fails with all that it said. */
export async function succeeds<Run extends PulumiRun>(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run.ok, run.text).toBe(true);
  return run;
}

/** Waits for a run that has to fail; otherwise the test fails with all that it said. */
export async function fails<Run extends PulumiRun>(running: Promise<Run>): Promise<Run> {
  const run = await running;
  expect(run.ok, run.text).toBe(false);
  return run;
}

/** Returns what a run says of one resource, by its type's last part and its name. */
export function rowsOf({ text }: PulumiRun, type: string, name: string): string[] {
  return text.split("\n").filter((line) => new RegExp(`${type} +${name} `).test(line));
}

/** One step of a preview that changes something. */
export interface PlannedStep {
  /** What it does, in the engine's words: `create`, `update`, `delete`, `replace` … */
  readonly op: string;
  /** Last part of the resource's type. */
  readonly type: string;
  readonly name: string;
}

/** Previews the stack and returns the steps that change something. */
export async function plannedSteps(stack: LabStack, ...options: readonly string[]): Promise<PlannedStep[]> {
  const { text } = await succeeds(stack.run(["preview", "--json", ...options]));
  const { steps } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as {
    steps: { op: string; urn: string }[];
  };
  return steps
    .filter(({ op }) => op !== "same" && op !== "read")
    .map(({ op, urn }) => {
      const [type = "", name = ""] = nameOf(urn).split(" ");
      return { op, type, name };
    });
}

/** Names a resource by its type's last part and its name: `Command w1`. */
export function nameOf(urn: string): string {
  const [type = "", name = ""] = urn.split("::").slice(-2);
  return `${type.split(":").at(-1)} ${name}`;
}
