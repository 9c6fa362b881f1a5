// What this program writes on Nodes about itself: annotations, one taint, and the cordons that are its own. Pure.
// No other file knows these names. docs/node-marks.md is the same table for operators.
import { oneLine } from "./foreign-text.ts";
import { ownerAnnotation } from "./owner.ts";
import { withoutReadinessNote } from "./readiness-note.ts";
import type { Taint } from "./taint.ts";

const poolAnnotation = "nodepools.local/pool";
const leavingAnnotation = "nodepools.local/leaving";
const cordonedAnnotation = "nodepools.local/cordoned";
const rebootingAnnotation = "nodepools.local/rebooting";
const drainStartedAnnotation = "nodepools.local/drain-started";
const resettingAnnotation = "nodepools.local/resetting";

/** Keeps DaemonSets from placing pods on a node that is being drained of theirs too. */
export const drainTaint = { key: "nodepools.local/leaving", effect: "NoSchedule" } as const satisfies Taint;

/** A taint as it is on a Node. */
interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: Date;
}

/** A Node, as far as its marks go. */
export interface MarkedNode {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly NodeTaint[] };
}

/** A reboot that is under way. */
export interface RebootMark {
  /** The rebootTrigger that asked for it. */
  readonly trigger: string;
  /** Boot id that the reboot is to end. */
  readonly bootId: string;
  /** Whether the cordon is ours, to be lifted afterwards. */
  readonly uncordon: boolean;
  /** Whether the drain has ended and the machine may be down. */
  readonly down: boolean;
}

/**
 * The marks of a Node. Which may be there together (times are RFC 3339):
 *
 * | mark           | says                                                | together with                                |
 * | -------------- | --------------------------------------------------- | -------------------------------------------- |
 * | `owner`        | the stack whose node it is, from the first settling | all                                          |
 * | `pool`         | its pool, from the first settling                   | `owner`                                      |
 * | `cordoned`     | we cordoned it because that is declared             | `drainStarted`, `reboot`, `drainTaint`       |
 * | `leaving`      | we cordoned it because it leaves; since when        | `drainStarted`, `drainTaint`, `resetting`    |
 * | `reboot`       | it is being rebooted, and how far that is           | `drainStarted`, `drainTaint`, `cordoned`     |
 * | `drainStarted` | a drain is running or was killed; since when        | `leaving`, `reboot`, `cordoned`, or none     |
 * | `drainTaint`   | its DaemonSet pods are evicted too                  | as `drainStarted`, which it may outlive      |
 * | `resetting`    | its host is being reset; since when                 | `leaving`, or none                           |
 *
 * `cordoned`, `leaving` and a `reboot` that uncordons are never written on a Node that is unschedulable already: that
 * cordon is someone else's and is not ours to lift. A node that leaves may therefore carry no mark of it: the roster's
 * pending removals say so, and the mark is only what an operator sees.
 */
export interface NodeMarks {
  readonly owner: string | undefined;
  readonly pool: string | undefined;
  readonly cordoned: boolean;
  readonly leaving: string | undefined;
  readonly reboot: RebootMark | undefined;
  readonly drainStarted: string | undefined;
  readonly drainTaint: boolean;
  readonly resetting: string | undefined;
  /** Whether this program cordoned it for a while, because it leaves or is rebooted, and it was schedulable before. */
  readonly isPassingCordon: boolean;
  /** Whether this program cordoned it, for a while or because its declaration says so. */
  readonly isOwnCordon: boolean;
}

/** A change of marks and of the cordon that goes with them. */
export interface MarkChange {
  readonly unschedulable?: boolean;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  readonly taints?: readonly NodeTaint[];
}

/** Reads the marks of a Node. */
export function readMarks({ metadata, spec }: MarkedNode): NodeMarks {
  const annotations = metadata?.annotations ?? {};
  const leaving = annotations[leavingAnnotation];
  const reboot = parseReboot(annotations[rebootingAnnotation]);
  const cordoned = annotations[cordonedAnnotation] !== undefined;
  const isPassingCordon = leaving !== undefined || reboot?.uncordon === true;
  return {
    owner: said(annotations[ownerAnnotation]),
    pool: said(annotations[poolAnnotation]),
    ...{ cordoned, leaving, reboot },
    drainStarted: annotations[drainStartedAnnotation],
    drainTaint: spec?.taints?.some(({ key }) => key === drainTaint.key) === true,
    resetting: annotations[resettingAnnotation],
    isPassingCordon,
    isOwnCordon: cordoned || isPassingCordon,
  };
}

/** Whoever may annotate a Node writes what he likes, and it is told. No stack or pool has a name that this changes. */
function said(text: string | undefined): string | undefined {
  return text === undefined ? undefined : oneLine(text);
}

/** Someone else's text is read as if there were none. */
function parseReboot(text: string | undefined): RebootMark | undefined {
  if (text === undefined) return undefined;
  try {
    const { trigger = "", bootId, uncordon, down } = JSON.parse(text) as Partial<RebootMark>;
    if (typeof bootId !== "string") return undefined;
    return { trigger, bootId, uncordon: uncordon === true, down: down === true };
  } catch {
    return undefined;
  }
}

/** Plans the owner's stamp. */
export function planStamp(owner: string): MarkChange {
  return { annotations: { [ownerAnnotation]: owner } };
}

/** Plans the cordon of a node that leaves; nothing on one that is cordoned, by whomever. */
export function planLeaving(node: MarkedNode, time: string): MarkChange | undefined {
  if (node.spec?.unschedulable === true) return undefined;
  return afreshCordoned(node, { annotations: { [leavingAnnotation]: time }, unschedulable: true });
}

/** Plans the trace by which a host that is declared again after half a reset is joined anew. */
export function planResetting(time: string): MarkChange {
  return { annotations: { [resettingAnnotation]: time } };
}

/** Plans a reboot's mark and the cordon that has to stay as long as it is there. */
export function planReboot(node: MarkedNode, mark: RebootMark): MarkChange | undefined {
  const text = JSON.stringify(mark);
  const isMarked = node.metadata?.annotations?.[rebootingAnnotation] === text;
  if (node.spec?.unschedulable === true && isMarked) return undefined;
  return afreshCordoned(node, { unschedulable: true, annotations: { [rebootingAnnotation]: text } });
}

/** Plans the end of a reboot, with the cordon if that was ours. */
export function planRebootEnd(node: MarkedNode, uncordon: boolean): MarkChange | undefined {
  if (node.metadata?.annotations?.[rebootingAnnotation] === undefined) return undefined;
  const cleared = { annotations: { [rebootingAnnotation]: null } };
  return uncordon ? { ...cleared, unschedulable: false, ...withoutDrainTaint(node) } : cleared;
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
  return node.spec?.unschedulable === true ? change : withoutReadinessNote(node, change);
}

/** Plans the time at which a drain started, so that a rerun after a kill keeps its deadline. */
export function planDrainStart(node: MarkedNode, time: string): MarkChange | undefined {
  if (readMarks(node).drainStarted === time) return undefined;
  return { annotations: { [drainStartedAnnotation]: time } };
}

/** Plans the end of a drain; the cordon that was set for it goes as well when it is to be lifted. */
export function planDrainEnd(node: MarkedNode, uncordon: boolean): MarkChange | undefined {
  const isStamped = readMarks(node).drainStarted !== undefined;
  if (!uncordon) return isStamped ? { annotations: { [drainStartedAnnotation]: null } } : undefined;
  return withoutReadinessNote(node, {
    unschedulable: false,
    annotations: { [drainStartedAnnotation]: null, [leavingAnnotation]: null },
    ...withoutDrainTaint(node),
  });
}

/** What is declared of a member, as far as marks go. */
export interface DeclaredMarks {
  readonly cordoned?: boolean;
  readonly maintenance?: boolean;
  readonly rebootTrigger?: string;
}

/** Tells whether a declared node carries a mark that no longer matches its declaration: of a removal, a reboot, a cordon. */
export function carriesStaleMark(node: MarkedNode, declared: DeclaredMarks | undefined): boolean {
  const marks = readMarks(node);
  const isDue = marks.reboot !== undefined && marks.reboot.trigger === declared?.rebootTrigger;
  const isMarked =
    (marks.cordoned && !staysCordoned(declared)) ||
    marks.leaving !== undefined ||
    (marks.reboot !== undefined && !isDue);
  return isMarked || (marks.drainTaint && declared?.maintenance !== true && !isDue);
}

/** Plans a Node without its stale marks, and without the cordon that came with them unless that is declared. */
export function planWithoutStaleMarks(
  node: MarkedNode,
  declared: DeclaredMarks | undefined,
): MarkChange | undefined {
  if (!carriesStaleMark(node, declared)) return undefined;
  const annotations = {
    [leavingAnnotation]: null,
    [drainStartedAnnotation]: null,
    [rebootingAnnotation]: null,
  };
  const cleared = withoutReadinessNote(node, { annotations, ...withoutDrainTaint(node) });
  if (!readMarks(node).isOwnCordon) return cleared;
  const unschedulable = staysCordoned(declared);
  const kept = { [cordonedAnnotation]: unschedulable ? "declared" : null };
  return { ...cleared, annotations: { ...cleared.annotations, ...kept }, unschedulable };
}

function staysCordoned({ cordoned, maintenance }: DeclaredMarks = {}): boolean {
  return cordoned === true || maintenance === true;
}

function withoutDrainTaint({ spec }: MarkedNode): Pick<MarkChange, "taints"> {
  const taints = spec?.taints ?? [];
  const others = taints.filter(({ key }) => key !== drainTaint.key);
  return others.length === taints.length ? {} : { taints: others };
}

/** The annotations of a settled member: those that may have been there for another reason, and those that it has. */
export function settledMarks(
  declared: {
    readonly owner: string;
    readonly pool: string;
    readonly schedulable: boolean;
    readonly drained?: boolean;
  },
  isOwnCordon: boolean,
): { readonly outdated: Readonly<Record<string, string>>; readonly kept: Readonly<Record<string, string>> } {
  return {
    outdated: {
      ...{ [leavingAnnotation]: "", [rebootingAnnotation]: "" },
      // A drain goes on where the node is declared drained.
      ...(!declared.drained && { [drainStartedAnnotation]: "" }),
      // The state does not know of a declared cordon when the run that set it was killed.
      ...(declared.schedulable && { [cordonedAnnotation]: "" }),
    },
    kept: {
      ...{ [ownerAnnotation]: declared.owner, [poolAnnotation]: declared.pool },
      ...(isOwnCordon && { [cordonedAnnotation]: "declared" }),
    },
  };
}
