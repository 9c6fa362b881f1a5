// What the state of a stack tells of its resources, and what a run has changed in it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabStack } from "../../lab/stack.ts";
import { nameOf } from "./pulumi-run.ts";
import { lab } from "./test-lab.ts";

/** What the state says of a resource. */
interface StateResource {
  readonly urn: string;
  /** When it was last created or updated. */
  readonly modified: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** Reads the resources in the state, each under its type's last part and its name: `Command w1`. */
export function stateOf(stack: LabStack): Map<string, StateResource> {
  const file = join(lab.pulumiState, ".pulumi/stacks/nodepools", `${stack.name}.json`);
  const { resources } = JSON.parse(readFileSync(file, "utf8")).checkpoint.latest as {
    resources: StateResource[];
  };
  // Providers are written anew by each run, the stack by each that ends early.
  const own = resources.filter(({ urn }) => !/::pulumi:(providers:|pulumi:Stack)/.test(urn));
  return new Map(own.map((resource) => [nameOf(resource.urn), resource]));
}

/** Names the resources that have come, gone or been updated since the state was read, sorted. */
export function changedSince(stack: LabStack, before: ReadonlyMap<string, StateResource>): string[] {
  const now = stateOf(stack);
  const names = [...new Set([...before.keys(), ...now.keys()])];
  return names.filter((name) => before.get(name)?.modified !== now.get(name)?.modified).sort();
}
