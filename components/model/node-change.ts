// What a change can do to a node. Pure.

/** Lists what can happen to a node, the gravest first. */
export const happenings = [
  "lost",
  "leaves",
  "rejoins",
  "reboots",
  "is drained",
  "joins",
  "moves",
  "is cordoned",
  "is uncordoned",
  "stays",
] as const;

/** Says what happens to a node. */
export type Happening = (typeof happenings)[number];

/** What happens to one node; of several things the gravest. */
export interface NodeChange {
  readonly node: string;
  /** The pool that it is in after the change, or was in when it leaves. */
  readonly pool: string;
  /** The pool that it was in before, when that was another one. */
  readonly formerPool?: string;
  readonly happens: Happening;
}
