// What a drain writes on its Node about the owners of the pods there: how many pods of each were Ready before the first
// one left. A run after a kill or a failure goes on by it. Pure.
// A kubelet may write annotations of its own Node, but no label of this prefix (admission plugin NodeRestriction): the
// label holds a digest of the annotation, without which that counts for nothing.
import { createHash } from "node:crypto";

const noteAnnotation = "nodepools.local/ready-before";
const digestLabel = "nodepools.local.node-restriction.kubernetes.io/ready-before";

/** An owner of pods, as it was before the drain. */
export interface NotedOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** How many of its pods were Ready. */
  readonly ready: number;
  /** Another one after a rollout; absent for kinds that do not tell. */
  readonly revision?: string;
}

/** A Node, as far as the note goes. */
interface NotedNode {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** A change of the note. */
interface NoteChange {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** Reads the note; "altered" when it is not what was written. An annotation without its label is nobody's note. */
export function readReadinessNote({ metadata }: NotedNode): readonly NotedOwner[] | "altered" {
  const digest = metadata?.labels?.[digestLabel];
  if (digest === undefined) return [];
  const text = metadata?.annotations?.[noteAnnotation] ?? "";
  if (digestOf(text) !== digest) return "altered";
  return JSON.parse(text) as NotedOwner[];
}

/** Plans the note. */
export function planReadinessNote(owners: readonly NotedOwner[]): NoteChange {
  const text = JSON.stringify(owners);
  return { annotations: { [noteAnnotation]: text }, labels: { [digestLabel]: digestOf(text) } };
}

/** Tells whether there is a note, altered or not. */
export function hasReadinessNote({ metadata }: NotedNode): boolean {
  return metadata?.labels?.[digestLabel] !== undefined;
}

/** Adds the removal of the note to a change, where there is one. */
export function withoutReadinessNote<Change extends NoteChange>(node: NotedNode, change: Change): Change {
  if (!hasReadinessNote(node)) return change;
  return {
    ...change,
    annotations: { ...change.annotations, [noteAnnotation]: null },
    labels: { ...change.labels, [digestLabel]: null },
  };
}

/** Names the label that vouches for the note, for whoever has to take it away by hand. */
export const readinessNoteLabel = digestLabel;

// A label's value has 63 characters at most.
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
