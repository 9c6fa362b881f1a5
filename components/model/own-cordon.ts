// Whether a Node's cordon is one that this program set, as its annotations tell. Pure.
import { cordonedAnnotation, leavingAnnotation } from "./owner.ts";
import { parseRebootMark } from "./reboot-mark.ts";

type Annotations = Readonly<Record<string, string>>;

/** Tells whether the Node was cordoned for a while, because it leaves or is rebooted, and was schedulable before. */
export function isPassingCordon(annotations: Annotations = {}): boolean {
  return annotations[leavingAnnotation] !== undefined || parseRebootMark(annotations)?.uncordon === true;
}

/** Tells whether this program cordoned the Node, for a while or because its declaration says so. */
export function isOwnCordon(annotations: Annotations = {}): boolean {
  return annotations[cordonedAnnotation] !== undefined || isPassingCordon(annotations);
}
