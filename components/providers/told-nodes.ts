// What the engine tells of each declared node in one command, before it asks about the roster: the roster depends on all
// memberships. On `destroy` it tells of none.

/** A declared node, as its enrollment or membership is asked about. */
interface Told {
  readonly node: string;
  readonly owner: string;
  readonly pool?: string;
}

/** Collects what the checks and diffs of enrollments and memberships say. */
export class ToldNodes {
  readonly #nodes = new Set<string>();
  readonly #pools = new Set<string>();
  readonly #owners = new Set<string>();
  readonly #joined = new Set<string>();
  readonly #missing = new Set<string>();

  /** Notes that a node is declared. */
  declared({ node, owner, pool }: Told): void {
    this.#nodes.add(node);
    this.#owners.add(owner);
    if (pool !== undefined) this.#pools.add(pool);
  }

  /** Notes what the state has of a declared node: its owner, which may be the stack's former name, and that it has been Ready. */
  inState({ owner, joined }: { readonly owner: string; readonly joined?: boolean }, node: string): void {
    this.#owners.add(owner);
    if (joined === true) this.#joined.add(node);
  }

  /** Notes that an enrolled host's Node is not in the cluster. */
  missing(node: string): void {
    this.#missing.add(node);
  }

  /** Tells whether a node is declared: what deletes it then joins it again. */
  isDeclared(node: string): boolean {
    return this.#nodes.has(node);
  }

  /** Tells whether a pool has a declared member. */
  hasPool(pool: string): boolean {
    return this.#pools.has(pool);
  }

  /** Lists the names that the stack has in this command: today's and former ones. */
  owners(): readonly string[] {
    return [...this.#owners];
  }

  /** Lists the members that were Ready once and whose Nodes are gone. */
  vanished(): ReadonlySet<string> {
    return new Set([...this.#missing].filter((node) => this.#joined.has(node)));
  }
}
