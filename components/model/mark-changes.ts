// What each step of a node's life changes in its marks, and in the cordon that goes with them. Pure.
import { isDeepStrictEqual } from "node:util";
import { hookNote } from "./hook-note.ts";
import { hashTrigger, type RebootMark } from "./mark-values.ts";
import {
  drainTaint,
  type MarkChange,
  type MarkEdits,
  type MarkedNode,
  planMarks,
  readMarks,
} from "./node-marks.ts";
import { readinessNote } from "./readiness-note.ts";

/** Plans the owner's stamp. */
export function planStamp(node: MarkedNode, owner: string): MarkChange {
  return planMarks(node, { owner });
}

/** Plans the cordon of a node that leaves; nothing on one that is cordoned, by whomever. */
export function planLeaving(node: MarkedNode, time: string, pool?: string): MarkChange | undefined {
  if (node.spec?.unschedulable === true) return undefined;
  return afreshCordoned(node, { ...planMarks(node, { leaving: time, pool }), unschedulable: true });
}

/** Plans the trace by which a host that is declared again after half a reset is joined anew. */
export function planResetting(node: MarkedNode, time: string): MarkChange {
  return planMarks(node, { resetting: time });
}

/** Plans a reboot's mark and the cordon that has to stay as long as it is there. */
export function planReboot(node: MarkedNode, mark: RebootMark): MarkChange | undefined {
  if (node.spec?.unschedulable === true && isDeepStrictEqual(readMarks(node).reboot, mark)) return undefined;
  return afreshCordoned(node, { ...planMarks(node, { reboot: mark }), unschedulable: true });
}

/** Plans the end of a reboot, with the cordon if that was ours. */
export function planRebootEnd(node: MarkedNode, uncordon: boolean): MarkChange | undefined {
  if (readMarks(node).reboot === undefined) return undefined;
  const cleared = hookNote.without(node, planMarks(node, { reboot: undefined }));
  return uncordon ? { ...cleared, unschedulable: false, ...withoutDrainTaint(node) } : cleared;
}

/** What was noted on the way is over: what the drain waits for, and which hooks have run. */
export function withoutNotes<Change extends MarkChange>(node: MarkedNode, change: Change): Change {
  return hookNote.without(node, readinessNote.without(node, change));
}

/** Plans a drain's cordon, and its taint when the DaemonSets' pods go too. */
export function planDrainCordon(node: MarkedNode, evictsDaemonSetPods: boolean): MarkChange | undefined {
  const lacksTaint = evictsDaemonSetPods && !readMarks(node).drainTaint;
  const isCordoned = node.spec?.unschedulable === true;
  if (isCordoned && !lacksTaint) return undefined;
  return afreshCordoned(node, {
    ...(!isCordoned && { unschedulable: true }),
    ...(lacksTaint && { taints: [...(node.spec?.taints ?? []), drainTaint] }),
  });
}

/** What was noted of a drain before someone uncordoned the node says nothing of the next one. */
function afreshCordoned(node: MarkedNode, change: MarkChange): MarkChange {
  return node.spec?.unschedulable === true ? change : withoutNotes(node, change);
}

/** Plans the time at which a drain started, so that a rerun after a kill keeps its deadline. */
export function planDrainStart(node: MarkedNode, time: string): MarkChange | undefined {
  if (readMarks(node).drainStarted === time) return undefined;
  return planMarks(node, { drainStarted: time });
}

/** Plans the end of a drain; the cordon that was set for it goes as well when it is to be lifted. */
export function planDrainEnd(node: MarkedNode, uncordon: boolean): MarkChange | undefined {
  const isStamped = readMarks(node).drainStarted !== undefined;
  if (!uncordon) return isStamped ? planMarks(node, { drainStarted: undefined }) : undefined;
  return withoutNotes(node, {
    unschedulable: false,
    ...planMarks(node, { drainStarted: undefined, leaving: undefined }),
    ...withoutDrainTaint(node),
  });
}

/** What is declared of a member, as far as marks go. */
export interface DeclaredMarks {
  readonly pool?: string;
  readonly cordoned?: boolean;
  readonly maintenance?: boolean;
  readonly rebootTrigger?: string;
}

/**
 * Tells whether a declared node carries a mark that no longer matches its declaration: of a removal, a reboot, a cordon; or
 * a note of one of them, which may be all that shows of it where the cordon is somebody else's.
 */
export function carriesStaleMark(node: MarkedNode, declared: DeclaredMarks | undefined): boolean {
  const marks = readMarks(node);
  const trigger = declared?.rebootTrigger;
  const isDue = trigger !== undefined && marks.reboot?.trigger === hashTrigger(trigger);
  const isMarked =
    (marks.cordoned && !staysCordoned(declared)) ||
    marks.leaving !== undefined ||
    (marks.reboot !== undefined && !isDue);
  const isNoted = hookNote.isOn(node) || readinessNote.isOn(node);
  return isMarked || ((marks.drainTaint || isNoted) && declared?.maintenance !== true && !isDue);
}

/**
 * Plans a Node without its stale marks, and without the cordon that came with them unless that is declared; and has
 * those that stay where no kubelet can write them.
 */
export function planWithoutStaleMarks(
  node: MarkedNode,
  declared: DeclaredMarks | undefined,
): MarkChange | undefined {
  if (!carriesStaleMark(node, declared)) return planMove(node, declared?.pool);
  const edits = { leaving: undefined, drainStarted: undefined, reboot: undefined, pool: declared?.pool };
  const cleared = (change: MarkChange) => withoutNotes(node, { ...change, ...withoutDrainTaint(node) });
  if (!readMarks(node).isOwnCordon) return cleared(planMarks(node, edits));
  const unschedulable = staysCordoned(declared);
  return cleared({ ...planMarks(node, { ...edits, cordoned: unschedulable }), unschedulable });
}

/** Moves the marks of an earlier version, once. */
function planMove(node: MarkedNode, pool: string | undefined): MarkChange | undefined {
  const { owner } = readMarks(node);
  return owner === undefined || owner.guarded ? undefined : planMarks(node, { pool });
}

function staysCordoned({ cordoned, maintenance }: DeclaredMarks = {}): boolean {
  return cordoned === true || maintenance === true;
}

function withoutDrainTaint({ spec }: MarkedNode): Pick<MarkChange, "taints"> {
  const taints = spec?.taints ?? [];
  const others = taints.filter(({ key }) => key !== drainTaint.key);
  return others.length === taints.length ? {} : { taints: others };
}

/** Returns the marks of a settled member: those that may have been there for another reason end. */
export function settledMarks(
  declared: { readonly owner: string; readonly pool: string; readonly drained?: boolean },
  isOwnCordon: boolean,
): MarkEdits {
  return {
    ...{ owner: declared.owner, pool: declared.pool },
    ...{ leaving: undefined, reboot: undefined },
    // A drain goes on where the node is declared drained.
    ...(!declared.drained && { drainStarted: undefined }),
    // The state does not know of a declared cordon when the run that set it was killed.
    cordoned: isOwnCordon,
  };
}
