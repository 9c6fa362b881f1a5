// Bet: an Output has a promise `isKnown`, private to the SDK (output.ts). Of the id of a resource that failed under
// `--continue-on-error` it is false, while the id itself never rejects.
import type * as pulumi from "@pulumi/pulumi";

/** Tells whether a resource has an id, once the engine has answered: false when it failed, or in a preview is to be made. */
export function hasId({ id }: pulumi.CustomResource): Promise<boolean> {
  return (id as unknown as { readonly isKnown: Promise<boolean> }).isKnown;
}
