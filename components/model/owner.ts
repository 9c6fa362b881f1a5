// Who owns a node: the stamp on the Node and in the host's marker file. Pure.

/** Annotation on a Node, or on another object of this program, that names its stack as `organization/project/stack`. */
export const ownerAnnotation = "nodepools.local/owner";

/** Label on a pod that says how drains treat it: `skip` or `wait-completed`. */
export const podDrainLabel = "nodepools.local/drain";

/** Returns the stamp of a stack: `organization/project/stack`. */
export function ownerOf(organization: string, project: string, stack: string): string {
  return `${organization}/${project}/${stack}`;
}
