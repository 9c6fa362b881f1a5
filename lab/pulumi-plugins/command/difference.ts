// Which inputs of a command changed, property by property, as the official plugin reports it. Pure.
import { type Change, differences } from "../difference.ts";
import type { Properties } from "../properties.ts";

/** Names of the inputs of command:remote:Command. */
const INPUTS = [
  "connection",
  "create",
  "update",
  "delete",
  "stdin",
  "environment",
  "triggers",
  "logging",
  "addPreviousOutputInEnv",
];

/** Compares the inputs kept in `state` with new `inputs`; only changed triggers replace. */
export function changedInputs(state: Properties, inputs: Properties): Change[] {
  return INPUTS.flatMap((name) => differences(name, state[name], inputs[name])).map((change) => ({
    ...change,
    replaces: /^triggers\b/.test(change.path),
  }));
}
