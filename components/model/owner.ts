// Who owns a node: the stamp on the Node and in the host's marker file. Pure.

/** Annotation on a Node that names the stack which owns it, as `organization/project/stack`. */
export const ownerAnnotation = "nodepools.local/owner";

/** Annotation on a Node that names its pool. */
export const poolAnnotation = "nodepools.local/pool";

/** Annotation on a Node that this program cordoned because it leaves; holds the RFC 3339 time of the cordon. */
export const leavingAnnotation = "nodepools.local/leaving";

/** Annotation on a Node whose host this program is resetting; holds the RFC 3339 time at which the reset began. */
export const resettingAnnotation = "nodepools.local/resetting";

/** Returns the stamp of a stack: `organization/project/stack`. */
export function ownerOf(organization: string, project: string, stack: string): string {
  return `${organization}/${project}/${stack}`;
}
