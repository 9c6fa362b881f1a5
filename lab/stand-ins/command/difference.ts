// Which inputs of a command or a copy changed, property by property, as the official plugin reports it. Pure.
import { type Change, differences } from "../difference.ts";
import { isProperties, type Properties, reveal } from "../properties.ts";

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

/** Compares the inputs kept in `state` with new `inputs`; the SDK's `replaceOnChanges` replaces for changed triggers. */
export function changedInputs(state: Properties, inputs: Properties): Change[] {
  return changesOf(INPUTS, state, inputs);
}

/** Compares the inputs of a copy; a source is its contents, wherever it lies, as in sdk/go/common/resource/archive. */
export function changedCopy(state: Properties, inputs: Properties): Change[] {
  return changesOf(
    ["connection", "source", "remotePath", "triggers"],
    bySourceHash(state),
    bySourceHash(inputs),
  );
}

function bySourceHash(properties: Properties): Properties {
  const source = reveal(properties.source ?? null);
  return { ...properties, source: isProperties(source) ? (source.hash ?? null) : source };
}

function changesOf(names: readonly string[], state: Properties, inputs: Properties): Change[] {
  return names
    .flatMap((name) => differences(name, state[name], inputs[name]))
    .map((change) => ({ ...change, replaces: false }));
}
