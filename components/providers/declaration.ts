// What is declared in this very operation, for resources whose state holds yesterday's declaration.
import type { LeavingPolicy } from "../model/drain-policy.ts";
import { leavingPolicy, type PoolPolicy } from "../model/pool-policy.ts";
import type { DeclaredRoster } from "../model/roster.ts";
import type { PendingRemoval } from "./roster/state.ts";

/** Knows the declaration: from the roster once the engine has asked about it, before that from the stack config. */
export class Declaration {
  readonly #configured: () => DeclaredRoster | undefined;
  #roster: DeclaredRoster | undefined;
  #pending: ReadonlyMap<string, PendingRemoval> = new Map();
  // The enrollment of a node of a removed pool drains once more before the reset, and knows no policy by itself.
  readonly #used = new Map<string, LeavingPolicy>();

  constructor(configured: () => DeclaredRoster | undefined) {
    this.#configured = configured;
  }

  /** Hears what the roster declares and which removals are pending; Pulumi asks for its diff before it deletes any member that left. */
  hear(roster: DeclaredRoster, pending: readonly PendingRemoval[] = []): void {
    this.#roster = roster;
    this.#pending = new Map(pending.map((member) => [member.node, member]));
  }

  /** Returns what the stack config declares; undefined when it declares no pools. */
  get configured(): DeclaredRoster | undefined {
    return this.#configured();
  }

  /** Tells whether a node is being removed, by this run or by one that failed: its pool is declared without it. */
  isLeaving(node: string): boolean {
    return this.#pending.has(node);
  }

  /** Returns the pool in which a node is declared, or that it is leaving; undefined for all other nodes. */
  poolOf(node: string): string | undefined {
    const member = (this.#roster ?? this.#configured())?.members.find((known) => known.node === node);
    return member?.pool ?? this.#pending.get(node)?.pool;
  }

  /** Tells whether a pool is declared, so that its members are known. */
  declares(pool: string): boolean {
    return (this.#roster ?? this.#configured())?.pools.some(({ name }) => name === pool) === true;
  }

  /** Returns what the roster of this run declares; undefined before it was heard, and on `destroy`. */
  get roster(): DeclaredRoster | undefined {
    return this.#roster;
  }

  /** Tells whether a host is declared lost: its machine is not contacted. */
  isLost(node: string): boolean {
    const lost = (this.#roster ?? this.#configured())?.lost;
    return lost?.some((host) => host.node === node) === true;
  }

  /**
   * Returns how a node leaves: by its host's entry if that is still listed, else by its pool, as the roster declares
   * them, before that as the stack config does; else, for pools that are no longer declared, as it is in state.
   */
  policyOf(node: string, pool: string, inState: LeavingPolicy): LeavingPolicy {
    const policy =
      leavingPolicy(node, pool, poolsByName(this.#roster)) ??
      leavingPolicy(node, pool, poolsByName(this.#configured())) ??
      inState;
    this.#used.set(node, policy);
    return policy;
  }

  /** Returns the policy that a node was last asked about with in this operation, else the one that its removal was begun with. */
  policyUsedFor(node: string): LeavingPolicy | undefined {
    const { drain, hooks } = this.#pending.get(node) ?? {};
    const begun = drain && { drain, maxUnavailable: 1, ...(hooks && { hooks }) };
    return this.#used.get(node) ?? begun;
  }
}

function poolsByName(roster: DeclaredRoster | undefined): ReadonlyMap<string, PoolPolicy> {
  return new Map(roster?.pools.map((pool) => [pool.name, pool]));
}
