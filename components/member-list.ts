// The pools and members of a cluster, put together from the pools that are declared for it.
import type * as pulumi from "@pulumi/pulumi";
import { RunError, runtime } from "@pulumi/pulumi";
import type { JoinSlots } from "./join-slots.ts";
import type { NodeStatus } from "./model/node-status.ts";
import type { LostHost, RosterMember, RosterPool } from "./model/roster.ts";
import type { NodeMembership } from "./providers/membership/node-membership.ts";
import { endOfTurn } from "./pulumi-internals/end-of-turn.ts";
import { hasId } from "./pulumi-internals/known-value.ts";
import type { SshCredentials } from "./ssh/credentials.ts";

/** The cluster as its pools and their nodes see it. */
export interface OwningCluster {
  /** Stack that owns the nodes, as `organization/project/stack`. */
  readonly owner: string;
  /** SSH credentials that open its hosts. */
  readonly credentials: pulumi.Output<SshCredentials>;
  /** Inputs of remote commands that a preview takes from the state, because it has no credentials. */
  readonly withoutCredentials: string[];
  /** The slots in which hosts join. */
  readonly joinSlots: JoinSlots;
  /** Where pools enter their members. */
  readonly memberList: MemberList;
}

/** One node of a pool. */
interface ListedNode {
  readonly name: string;
  readonly membership: NodeMembership;
  readonly status: pulumi.Output<NodeStatus>;
}

/** What one pool enters. */
export interface PoolEntry {
  readonly pool: RosterPool;
  readonly members: readonly RosterMember[];
  readonly lost: readonly LostHost[];
  readonly nodes: readonly ListedNode[];
}

/** Collects the entries of all pools until it is closed. */
export class MemberList {
  readonly #entries: PoolEntry[] = [];
  readonly #closed = Promise.withResolvers<readonly PoolEntry[]>();
  #closedBecause: string | undefined;

  /** The entries of all pools, once the list is closed. */
  get complete(): Promise<readonly PoolEntry[]> {
    return this.#closed.promise;
  }

  /** How many members have been entered so far. */
  get size(): number {
    return this.#entries.reduce((sum, { members }) => sum + members.length, 0);
  }

  /** Fails once the list is closed; a pool asks before it declares anything. */
  requireOpen(pool: string): void {
    if (this.#closedBecause !== undefined)
      throw new RunError(
        `declaring pool "${pool}": the pools of its cluster are complete. ${this.#closedBecause}`,
      );
  }

  /** Enters a pool. */
  enter(entry: PoolEntry): void {
    this.requireOpen(entry.pool.name);
    this.#entries.push(entry);
  }

  /** Takes no more pools; `remedy` says where a later one has to be declared. */
  close(remedy: string): void {
    this.#closedBecause = remedy;
    this.#closed.resolve(this.#entries);
  }

  /** Takes no more pools after the turn of the event loop in which the cluster is declared. */
  async closeAfterThisTurn(): Promise<void> {
    await endOfTurn();
    this.close(
      "Give the pools to the Cluster, as `pools`, or declare all of them right after it, without awaiting in between",
    );
  }

  /**
   * Lists the nodes without those that failed in this run, which happens with `--continue-on-error` only. The engine
   * would skip a roster that depends on them, and then write a state that it refuses to read: the roster in it would
   * still depend on members that were deleted meanwhile. In an output it would write a placeholder for them.
   */
  async standing(): Promise<readonly ListedNode[]> {
    const nodes = (await this.complete).flatMap((entry) => entry.nodes);
    const stands = await Promise.all(nodes.map(({ membership }) => runtime.isDryRun() || hasId(membership)));
    return nodes.filter((_, at) => stands[at]);
  }
}
