// Whether a Node's cordon is one that a run of this program set for a while. Pure.
import type { Node } from "../kube/api.ts";
import { leavingAnnotation } from "../model/owner.ts";
import { parseRebootMark } from "../model/reboot-mark.ts";

/** Tells whether the Node was cordoned because it leaves or is rebooted, and was schedulable before. */
export function isCordonedByRun({ metadata }: Node): boolean {
  const isLeaving = metadata?.annotations?.[leavingAnnotation] !== undefined;
  return isLeaving || parseRebootMark(metadata?.annotations)?.uncordon === true;
}
