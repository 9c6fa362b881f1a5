// What the engine tells of each declared node in one command, before it asks about the roster: the roster depends on all
// memberships. On `destroy` it tells of none.

import { type Clock, poll } from "../model/clock.ts";
import type { DriftFact, MetadataFact } from "../model/declaration-fact.ts";
import { durations } from "../model/durations.ts";
import type { HostAddress } from "../model/host.ts";
import type { PoolMove, RosterMember, RosterPlace, RosterPool } from "../model/roster.ts";

/** A declared node, as its enrollment or membership is asked about. */
interface Told {
  readonly node: string;
  readonly owner: string;
  readonly pool?: string;
  readonly host?: HostAddress;
  readonly roster?: RosterPlace;
}

type ToldPool = Pick<RosterPool, "name" | "maxUnavailable" | "limits">;

/** What differs on the Node of a member that stays: by declaration, and by someone else's hand. */
interface Differences {
  readonly metadata: readonly MetadataFact[];
  readonly drift: readonly DriftFact[];
}

/** Collects what the checks and diffs of enrollments and memberships say. */
export class ToldNodes {
  readonly #clock: Clock;
  readonly #poolByNode = new Map<string, string | undefined>();
  readonly #moves = new Map<string, PoolMove>();
  readonly #owners = new Set<string>();
  readonly #joined = new Set<string>();
  readonly #missing = new Set<string>();
  readonly #hosts = new Map<string, HostAddress>();
  readonly #places = new Map<string, RosterPlace>();
  readonly #rejoining = new Set<string>();
  readonly #decided = new Set<string>();
  readonly #differences = new Map<string, Differences>();
  readonly #drainedAgain = new Set<string>();
  #deciding = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that a node is declared. In a preview parts of it may not be known yet. */
  declared({ node, owner, pool, host, roster }: Told): void {
    this.#lastAt = this.#clock.now();
    this.#poolByNode.set(node, pool ?? this.#poolByNode.get(node));
    this.#owners.add(owner);
    if (typeof host?.address === "string") this.#hosts.set(node, host);
    if (typeof roster?.members === "number") this.#places.set(node, roster);
  }

  /** Notes what the state has of a declared node: its owner, which may be the stack's former name, and that it has been Ready. */
  inState({ owner, joined }: { readonly owner: string; readonly joined?: boolean }, node: string): void {
    this.#owners.add(owner);
    if (joined === true) this.#joined.add(node);
  }

  /** Notes what differs on a member's Node. */
  differs(node: string, differences: Differences): void {
    this.#differences.set(node, differences);
  }

  /** Notes that a member in maintenance has been uncordoned or has pods again. */
  drainsAgain(node: string): void {
    this.#drainedAgain.add(node);
  }

  /** Lists the members in maintenance that are to be drained again, without being declared any different. */
  drainedAgain(): ReadonlySet<string> {
    return this.#drainedAgain;
  }

  /** Lists what differs on the members' Nodes. */
  differences(): Differences {
    const all = [...this.#differences.values()];
    return { metadata: all.flatMap(({ metadata }) => metadata), drift: all.flatMap(({ drift }) => drift) };
  }

  /** Notes in which pool the state has a declared node. */
  moves(node: string, from: string, to: string): void {
    this.#moves.set(node, { from, to });
  }

  /** Lists in which pool each declared node was and is. */
  poolMoves(): readonly PoolMove[] {
    return [...this.#moves.values()];
  }

  /** Notes that what becomes of an enrolled host is found out by this work, and then known. */
  async deciding<Result>(node: string, work: () => Promise<Result>): Promise<Result> {
    this.#deciding++;
    try {
      return await work();
    } finally {
      this.#deciding--;
      this.decided(node);
    }
  }

  /** Notes that it is known what becomes of an enrollment: one that is new is made. */
  decided(node: string): void {
    this.#lastAt = this.#clock.now();
    this.#decided.add(node);
  }

  /**
   * Waits until it is known of every declared host what becomes of it; tells whether it is. A host that waits for its
   * slot to join, or that the user has not targeted, is not told of: a while of silence ends the wait.
   */
  async settled(silence: number = durations.providers.told.silence): Promise<boolean> {
    const { longest } = durations.providers.told;
    await poll(this.#clock, {
      every: durations.providers.toldLook,
      within: longest,
      until: async () => {
        const isSilent = this.#deciding === 0 && this.#clock.now() - this.#lastAt >= silence;
        return this.isComplete() || isSilent || undefined;
      },
    });
    return this.isComplete();
  }

  /** Tells whether it is known of every declared host what becomes of it. */
  isComplete(): boolean {
    const [place] = this.#places.values();
    return place !== undefined && this.#decided.size >= place.members;
  }

  /** Notes that an enrolled host's Node is not in the cluster. */
  missing(node: string): void {
    this.#missing.add(node);
  }

  /** Notes that a host is to be reset and joined again, because that is declared or because its deletion is asked for. */
  rejoins(node: string): void {
    this.#rejoining.add(node);
  }

  /** Lists which declared hosts are joined again, and which of these because their Nodes are gone. */
  rejoining(): { readonly all: ReadonlySet<string>; readonly vanished: ReadonlySet<string> } {
    const vanished = [...this.#missing].filter((node) => this.#rejoining.has(node));
    return { all: this.#rejoining, vanished: new Set(vanished) };
  }

  /** Lists members and pools as far as they were told. */
  roster(): { readonly members: readonly RosterMember[]; readonly pools: readonly ToldPool[] } {
    const members = [...this.#places].map(([node, { pool }]) => ({ node, pool }));
    const pools = new Map(
      [...this.#places.values()].map(({ pool: name, maxUnavailable, limits }) => [
        name,
        { name, maxUnavailable, ...(limits && { limits }) },
      ]),
    );
    return { members, pools: [...pools.values()] };
  }

  /** Tells whether a node is declared: what deletes it then joins it again. */
  isDeclared(node: string): boolean {
    return this.#poolByNode.has(node);
  }

  /**
   * Returns a host of the state with the login that is declared for it now, where one is: what is drained and reset to be
   * joined again is so over the login that it will be joined over.
   */
  reached<Joined extends { readonly node: string; readonly host: HostAddress }>(inState: Joined): Joined {
    return { ...inState, host: this.#hosts.get(inState.node) ?? inState.host };
  }

  /** Tells whether a pool has a declared member. */
  hasPool(pool: string): boolean {
    return [...this.#poolByNode.values()].includes(pool);
  }

  /** Returns the pool in which a node is declared; undefined where that was not told. */
  poolOf(node: string): string | undefined {
    return this.#poolByNode.get(node);
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
