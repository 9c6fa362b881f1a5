// Whether a Node's cordon is one that this program set. Pure.
import type { Node } from "../kube/api.ts";
import { cordonedAnnotation, leavingAnnotation } from "../model/owner.ts";
import { parseRebootMark } from "../model/reboot-mark.ts";

/** Tells whether the Node was cordoned because it leaves, is rebooted or was declared so, and was schedulable before. */
export function isOwnCordon({ metadata }: Node): boolean {
  const { annotations = {} } = metadata ?? {};
  const isMarked = [leavingAnnotation, cordonedAnnotation].some((mark) => annotations[mark] !== undefined);
  return isMarked || parseRebootMark(annotations)?.uncordon === true;
}
