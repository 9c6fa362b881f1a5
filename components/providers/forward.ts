// The provider code that Pulumi stores in state with each resource, twice: the shortest text that hands over what
// `nodepools/provider` has today, which it resolves from the folder of the Pulumi program. A fix therefore reaches
// resources that are already in state, and code edits never show up as a change of a resource. Pure.

/** Names an implementation that `nodepools/provider` exports. */
export type ForwardedKind = "enrollment" | "membership" | "roster";

/**
 * Returns the code for one resource type. Another text is stored by the next `up` with the inputs of every resource that
 * stays as it is, and in its outputs once it is updated: no diff looks at it. Stacks of earlier releases have a longer
 * one, which calls the exports of `nodepools/provider` by the same names.
 */
export function forwarderText(kind: ForwardedKind): string {
  return `exports.handler=()=>require("module").createRequire(process.cwd()+"/")("nodepools/provider").${kind}`;
}
