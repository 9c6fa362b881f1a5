// What this program writes on Nodes about itself: labels, one taint, two annotations for people. Pure.
// No other file knows these names. docs/node-marks.md is the same table for operators.
//
// What follows from a mark must not be the kubelet's to say: of its own Node it may write every annotation and most
// labels, but no taints and no label under *.node-restriction.kubernetes.io (NodeRestriction, also when it registers).
import { oneLine } from "./foreign-text.ts";
import {
  hashOwner,
  type RebootMark,
  readRebootJson,
  readRebootValue,
  readTimeValue,
  writeRebootValue,
  writeTimeValue,
} from "./mark-values.ts";
import { planKeys } from "./node-metadata.ts";
import { ownerAnnotation } from "./owner.ts";
import type { Taint } from "./taint.ts";

/** Labels that no kubelet may write. */
export const guardedLabels = {
  owner: "nodepools.local.node-restriction.kubernetes.io/owner",
  pool: "nodepools.local.node-restriction.kubernetes.io/pool",
  cordoned: "nodepools.local.node-restriction.kubernetes.io/cordoned",
  leaving: "nodepools.local.node-restriction.kubernetes.io/leaving",
  rebooting: "nodepools.local.node-restriction.kubernetes.io/rebooting",
  drainStarted: "nodepools.local.node-restriction.kubernetes.io/drain-started",
  resetting: "nodepools.local.node-restriction.kubernetes.io/resetting",
} as const;

const poolAnnotation = "nodepools.local/pool";

// Where earlier versions had their marks: any kubelet may write them on its own Node.
const formerAnnotations = {
  cordoned: "nodepools.local/cordoned",
  leaving: "nodepools.local/leaving",
  rebooting: "nodepools.local/rebooting",
  drainStarted: "nodepools.local/drain-started",
  resetting: "nodepools.local/resetting",
} as const;

/** Keeps DaemonSets from placing pods on a node that is being drained of theirs too. */
export const drainTaint = { key: "nodepools.local/leaving", effect: "NoSchedule" } as const satisfies Taint;

/** A taint as it is on a Node. */
export interface NodeTaint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: Date;
}

type Keys = Readonly<Record<string, string>>;

/** A Node, as far as its marks go. */
export interface MarkedNode {
  readonly metadata?: { readonly labels?: Keys; readonly annotations?: Keys };
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly NodeTaint[] };
}

/** Whose a Node is. */
export interface OwnerStamp {
  /** Hash of the stack, see `hashOwner`. */
  readonly hash: string;
  /** The stack, as `organization/project/stack`; undefined when the annotation that tells it has another's. */
  readonly name: string | undefined;
  /** Whether it stands where no kubelet can write; false on a Node that an earlier version stamped. */
  readonly guarded: boolean;
}

/** The marks that come and go. */
interface PassingMarks {
  readonly cordoned: boolean;
  readonly leaving: string | undefined;
  readonly reboot: RebootMark | undefined;
  readonly drainStarted: string | undefined;
  readonly resetting: string | undefined;
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
export interface NodeMarks extends PassingMarks {
  readonly owner: OwnerStamp | undefined;
  /** Undefined as well on a Node that an earlier version stamped. */
  readonly pool: string | undefined;
  readonly drainTaint: boolean;
  /** Whether an earlier version says that its host is being reset: a reason to ask the host, which knows. */
  readonly mayBeResetting: boolean;
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

/** Reads the marks of a Node; the annotations of earlier versions only where no guarded stamp shows that they moved. */
export function readMarks({ metadata: { labels = {}, annotations = {} } = {}, spec }: MarkedNode): NodeMarks {
  const owner = readOwner(labels, annotations);
  const former = owner?.guarded ? {} : annotations;
  const leaving = readTimeValue(labels[guardedLabels.leaving]) ?? former[formerAnnotations.leaving];
  const reboot =
    readRebootValue(labels[guardedLabels.rebooting]) ?? readRebootJson(former[formerAnnotations.rebooting]);
  const cordoned = (labels[guardedLabels.cordoned] ?? former[formerAnnotations.cordoned]) !== undefined;
  const isPassingCordon = leaving !== undefined || reboot?.uncordon === true;
  return {
    ...{ owner, cordoned, leaving, reboot },
    pool: labels[guardedLabels.pool],
    drainStarted: readTimeValue(labels[guardedLabels.drainStarted]) ?? former[formerAnnotations.drainStarted],
    drainTaint: spec?.taints?.some(({ key }) => key === drainTaint.key) === true,
    resetting: readTimeValue(labels[guardedLabels.resetting]),
    mayBeResetting: former[formerAnnotations.resetting] !== undefined,
    isPassingCordon,
    isOwnCordon: cordoned || isPassingCordon,
  };
}

function readOwner(labels: Keys, annotations: Keys): OwnerStamp | undefined {
  const stamp = labels[guardedLabels.owner];
  const told = annotations[ownerAnnotation];
  if (stamp === undefined)
    return told === undefined ? undefined : { hash: hashOwner(told), name: oneLine(told), guarded: false };
  const isTold = told !== undefined && hashOwner(told) === stamp;
  return { hash: stamp, name: isTold ? told : undefined, guarded: true };
}

/** Marks to write; undefined ends a mark, an absent one stays. */
export interface MarkEdits extends Partial<PassingMarks> {
  readonly owner?: string;
  readonly pool?: string | undefined;
}

/**
 * Plans labels and annotations of a Node with some marks changed. What an earlier version has written moves to where no
 * kubelet can write it, but for the pool: that is told by who declares it.
 */
export function planMarks(node: MarkedNode, edits: MarkEdits): Pick<MarkChange, "labels" | "annotations"> {
  const { labels: current = {}, annotations: told = {} } = node.metadata ?? {};
  const marks = readMarks(node);
  const owner = edits.owner === undefined ? marks.owner?.hash : hashOwner(edits.owner);
  const next = { ...marks, ...withoutAbsent(edits), owner };
  const labels = planKeys(current, keysOf(guardedLabels), labelsOf(next));
  const annotations = planKeys(told, keysOf(formerAnnotations), {
    ...(edits.owner !== undefined && { [ownerAnnotation]: edits.owner }),
    ...(edits.pool !== undefined && { [poolAnnotation]: edits.pool }),
  });
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}

/** A pool that nobody tells stays as it is. */
function withoutAbsent({ owner: _, pool, ...edits }: MarkEdits): Partial<NodeMarks> {
  return { ...edits, ...(pool !== undefined && { pool }) } as Partial<NodeMarks>;
}

function labelsOf(marks: Omit<NodeMarks, "owner"> & { readonly owner: string | undefined }): Keys {
  const { owner, pool, cordoned, leaving, reboot, drainStarted, resetting } = marks;
  return {
    ...(owner !== undefined && { [guardedLabels.owner]: owner }),
    ...(pool !== undefined && { [guardedLabels.pool]: pool }),
    ...(cordoned && { [guardedLabels.cordoned]: "declared" }),
    ...(leaving !== undefined && { [guardedLabels.leaving]: writeTimeValue(leaving) }),
    ...(reboot !== undefined && { [guardedLabels.rebooting]: writeRebootValue(reboot) }),
    ...(drainStarted !== undefined && { [guardedLabels.drainStarted]: writeTimeValue(drainStarted) }),
    ...(resetting !== undefined && { [guardedLabels.resetting]: writeTimeValue(resetting) }),
  };
}

/** Returns declared labels or annotations without those that would be taken for marks. */
export function withoutMarks(declared: Keys = {}): Keys {
  const isMark = (key: string) => /^nodepools\.local(\.node-restriction\.kubernetes\.io)?\//.test(key);
  return Object.fromEntries(Object.entries(declared).filter(([key]) => !isMark(key)));
}

function keysOf(names: Readonly<Record<string, string>>): Keys {
  return Object.fromEntries(Object.values(names).map((key) => [key, ""]));
}
