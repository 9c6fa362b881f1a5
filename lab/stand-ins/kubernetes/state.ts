// What the state of an object holds: the live object, the inputs that made it, and which of all that is secret. Pure.
// Layout: checkpointObject and annotateSecrets in provider/pkg/provider/provider.go of pulumi/pulumi-kubernetes.
import { asSecret, isProperties, isSecret, type Properties, reveal, type Value } from "../properties.ts";
import { textAt } from "./objects.ts";

/** Metadata that the server sets. */
const SERVER_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "uid",
];

/** Returns the state of a live object. */
export function stateOf(live: Properties, inputs: Properties, fieldManager: string): Properties {
  return {
    ...markSecrets(live, inputs),
    __inputs: inputs,
    __initialApiVersion: textAt(inputs, "apiVersion"),
    __fieldManager: fieldManager,
  };
}

/** Returns the inputs that a state was made with, without secret wrappings. */
export function inputsIn(state: Properties): Properties {
  const inputs = reveal(state.__inputs ?? {});
  return isProperties(inputs) ? inputs : {};
}

/** Returns what the live object has now of what was declared; of a list that grew only as many items. */
export function liveInputs(live: Properties, declared: Properties): Properties {
  const pruned = Object.keys(declared).length === 0 ? declarable(live) : prune(live, reveal(declared));
  return markSecrets(isProperties(pruned) ? pruned : {}, declared);
}

/** Makes secret what is secret in `marked`, and the data of a Secret. */
export function markSecrets(values: Properties, marked: Properties): Properties {
  const isSecretData = (name: string) => values.kind === "Secret" && /^(data|stringData)$/.test(name);
  const entries = Object.entries(values).map(([name, value]): [string, Value] => [
    name,
    isSecretData(name) ? asSecret(value) : markValue(value, marked[name]),
  ]);
  return Object.fromEntries(entries);
}

function markValue(value: Value, marked: Value | undefined): Value {
  if (marked === undefined || isSecret(value)) return value;
  if (isProperties(value) && isProperties(marked) && !isSecret(marked)) return markSecrets(value, marked);
  return holdsSecret(marked) ? asSecret(value) : value;
}

function holdsSecret(value: Value): boolean {
  if (isSecret(value)) return true;
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isProperties(value) && Object.values(value).some(holdsSecret);
}

function prune(live: Value, declared: Value): Value {
  if (Array.isArray(live) && Array.isArray(declared)) {
    return live.slice(0, declared.length).map((item, at) => prune(item, declared[at] ?? item));
  }
  if (!isProperties(live) || !isProperties(declared)) return live;
  const both = Object.entries(declared).filter(([name]) => live[name] !== undefined);
  return Object.fromEntries(both.map(([name, value]) => [name, prune(live[name] ?? null, value)]));
}

function declarable({ status: _, ...live }: Properties): Properties {
  if (!isProperties(live.metadata)) return live;
  const kept = Object.entries(live.metadata).filter(([name]) => !SERVER_METADATA.includes(name));
  return { ...live, metadata: Object.fromEntries(kept) };
}
