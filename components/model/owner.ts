// Who owns a node: the stamp on the Node and in the host's marker file. Pure.

/** Annotation on a Node that names the stack which owns it, as `organization/project/stack`. */
export const ownerAnnotation = "nodepools.local/owner";

/** Annotation on a Node that names its pool. */
export const poolAnnotation = "nodepools.local/pool";

/** Annotation on a Node that this program cordoned because it leaves; holds the RFC 3339 time of the cordon. */
export const leavingAnnotation = "nodepools.local/leaving";

/** Annotation on a Node that this program cordoned because its declaration says so: present or not, the text is free. */
export const cordonedAnnotation = "nodepools.local/cordoned";

/** Annotation on a Node whose host this program is resetting; holds the RFC 3339 time at which the reset began. */
export const resettingAnnotation = "nodepools.local/resetting";

/** Annotation on a Node that is being drained; holds the RFC 3339 time of the drain's start, which a rerun goes on from. */
export const drainStartedAnnotation = "nodepools.local/drain-started";

/** Annotation on a Node that this program reboots; holds what `parseRebootMark` reads. */
export const rebootingAnnotation = "nodepools.local/rebooting";

/** Label on a pod that says how drains treat it: `skip` or `wait-completed`. */
export const podDrainLabel = "nodepools.local/drain";

/** Taint, of effect NoSchedule, that keeps DaemonSets from placing pods on a node that is being drained of theirs too. */
export const leavingTaintKey = "nodepools.local/leaving";

/** Returns the stamp of a stack: `organization/project/stack`. */
export function ownerOf(organization: string, project: string, stack: string): string {
  return `${organization}/${project}/${stack}`;
}
