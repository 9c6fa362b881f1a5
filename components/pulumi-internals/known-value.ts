// Bet: an Output has promises `isKnown` and `promise()`, private to the SDK (output.ts). Of the id of a resource that failed
// under `--continue-on-error` the first is false, while the id itself never rejects.
import * as pulumi from "@pulumi/pulumi";

interface Inside<Value> {
  readonly isKnown: Promise<boolean>;
  promise(): Promise<Value>;
}

/** Tells whether a resource has an id, once the engine has answered: false when it failed, or in a preview is to be made. */
export function hasId({ id }: pulumi.CustomResource): Promise<boolean> {
  return (id as unknown as Inside<string>).isKnown;
}

/** Returns the value of an output; undefined while only the run will tell it. */
export async function valueIfKnown<Value>(output: pulumi.Output<Value>): Promise<Value | undefined> {
  const inside = output as unknown as Inside<Value>;
  return (await inside.isKnown) ? inside.promise() : undefined;
}

/** Returns an output that only the run will tell. */
export function notKnownYet<Value>(): pulumi.Output<Value> {
  return pulumi.output(pulumi.unknown) as unknown as pulumi.Output<Value>;
}
