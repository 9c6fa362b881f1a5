// What a run of the CLI says.
import type { PulumiRun } from "../../lab/stack.ts";

/** Returns what a run says of one resource, by its type's last part and its name. */
export function rowsOf({ text }: PulumiRun, type: string, name: string): string[] {
  return text.split("\n").filter((line) => new RegExp(`${type} +${name} `).test(line));
}
