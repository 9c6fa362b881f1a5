// What the program writes down on a Node and goes by later, where a label has no room for it: an annotation, which a
// kubelet may write on its own Node, and a label with the digest of it, which none may (admission plugin NodeRestriction).
// Without its label an annotation is nobody's note. Pure.
import { createHash } from "node:crypto";

/** A Node, as far as notes go. */
interface NotedNode {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** A change of notes. */
interface NoteChange {
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
}

/** One kind of note. */
export class GuardedNote<Content> {
  readonly #annotation: string;
  /** The label that vouches for the note, for whoever has to take it away by hand. */
  readonly label: string;
  readonly #none: Content;

  /** @param none what a Node without the note says */
  constructor(name: string, none: Content) {
    this.#annotation = `nodepools.local/${name}`;
    this.label = `nodepools.local.node-restriction.kubernetes.io/${name}`;
    this.#none = none;
  }

  /** Reads the note; "altered" when it is not what was written. */
  read({ metadata }: NotedNode): Content | "altered" {
    const digest = metadata?.labels?.[this.label];
    if (digest === undefined) return this.#none;
    const text = metadata?.annotations?.[this.#annotation] ?? "";
    return digestOf(text) === digest ? (JSON.parse(text) as Content) : "altered";
  }

  /** Plans the note. */
  plan(content: Content): NoteChange {
    const text = JSON.stringify(content);
    return { annotations: { [this.#annotation]: text }, labels: { [this.label]: digestOf(text) } };
  }

  /** Tells whether there is a note, altered or not. */
  isOn({ metadata }: NotedNode): boolean {
    return metadata?.labels?.[this.label] !== undefined;
  }

  /** Adds the removal of the note to a change, where there is one. */
  without<Change extends NoteChange>(node: NotedNode, change: Change): Change {
    if (!this.isOn(node)) return change;
    return {
      ...change,
      annotations: { ...change.annotations, [this.#annotation]: null },
      labels: { ...change.labels, [this.label]: null },
    };
  }
}

// A label's value has 63 characters at most.
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 40);
}
