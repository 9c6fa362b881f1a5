// One kubeadm cluster: who owns its nodes, how its hosts are reached, and the roster of all declared members.
import * as pulumi from "@pulumi/pulumi";
import { type AccessArgs, ClusterAccess } from "./access.ts";
import { JoinTurns } from "./join-turns.ts";
import type { NodeStatus } from "./model/node-status.ts";
import { ownerOf } from "./model/owner.ts";
import type { NodeMembership } from "./providers/membership/node-membership.ts";
import { ownUrn } from "./providers/own-urn.ts";
import { Roster } from "./providers/roster/roster.ts";
import type { LostHost, RosterMember, RosterPool } from "./providers/roster/state.ts";
import { withholdOutputsFromDebugLog } from "./pulumi-internals/debug-log.ts";
import { endOfTurn } from "./pulumi-internals/end-of-turn.ts";
import { hasId } from "./pulumi-internals/known-id.ts";
import { parallelJoinsDefault } from "./settings/defaults.ts";
import type { SshCredentials } from "./ssh/credentials.ts";

/** Describes how the program reaches a cluster. */
export interface ClusterArgs {
  /**
   * What proves the program to the hosts when the join command runs. Change effect: in place.
   * The providers read the same from the stack config (`nodepools:ssh`, `nodepools:cluster`), so that a rotated key
   * or a moved kubeconfig is used at once for every node.
   */
  readonly credentials: pulumi.Input<SshCredentials>;
  /** How many hosts may be looked at and joined at once, 1 or more; default 10. Change effect: in place. */
  readonly parallelJoins?: number;
  /** Declares an identity that may do what this program does and no more, and the inventory; absent declares neither. */
  readonly access?: AccessArgs;
}

/** One member of a pool. */
interface EnlistedNode {
  readonly name: string;
  readonly membership: NodeMembership;
  readonly status: pulumi.Output<NodeStatus>;
}

/** What one pool contributes to the roster. */
interface Enlisted {
  readonly pool: RosterPool;
  readonly members: readonly RosterMember[];
  readonly lost: readonly LostHost[];
  readonly nodes: readonly EnlistedNode[];
}

/** Owns the worker nodes of one kubeadm cluster; one per stack. Its pools must be declared in the same turn. */
export class Cluster extends pulumi.ComponentResource {
  /** Stack that owns the nodes, as `organization/project/stack`. */
  readonly owner: string;
  /** What proves the program to the hosts. */
  readonly credentials: pulumi.Output<SshCredentials>;
  /** The turns in which hosts join. */
  readonly joinTurns: JoinTurns;
  /** Each node of all pools by its name, as the last run that touched it or the last `pulumi refresh` saw it. */
  readonly nodes: pulumi.Output<Record<string, NodeStatus>>;

  readonly #enlisted: Enlisted[] = [];
  readonly #complete: Promise<readonly Enlisted[]>;
  readonly #standing: Promise<readonly EnlistedNode[]>;
  #closed = false;

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("nodepools:index:Cluster", name, {}, options);
    withholdOutputsFromDebugLog();
    this.owner = ownerOf(pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack());
    this.credentials = pulumi.secret(args.credentials);
    this.joinTurns = new JoinTurns(args.parallelJoins ?? parallelJoinsDefault);
    this.#complete = this.#closeThisTurn();
    this.#standing = this.#complete.then((all) => standing(all.flatMap(({ nodes }) => nodes)));
    this.nodes = pulumi.output(this.#standing.then(statusByName));
    const roster = this.#declareRoster(name);
    if (args.access) this.#declareAccess(name, args.access, roster);
    this.registerOutputs({ owner: this.owner });
  }

  /** Adds a pool's members to the roster; called by NodePool. */
  enlist(enlisted: Enlisted): void {
    this.requireOpen(enlisted.pool.name);
    this.#enlisted.push(enlisted);
  }

  /** Fails once the roster is closed; a pool asks before it declares anything. */
  requireOpen(pool: string): void {
    if (this.#closed) {
      throw new pulumi.RunError(
        `declaring pool "${pool}": the roster of its cluster is closed. Declare all pools right after the Cluster, without awaiting in between`,
      );
    }
  }

  /** Ends the enlisting after the turn in which the pools of this cluster are declared. */
  async #closeThisTurn(): Promise<readonly Enlisted[]> {
    await endOfTurn();
    this.#closed = true;
    return this.#enlisted;
  }

  /** Declares the roster at once, with members that are known when the pools of this turn are declared. */
  #declareRoster(name: string): Roster {
    const complete = this.#complete;
    const memberships = this.#standing.then((all) => all.map(({ membership }) => membership));
    return new Roster(
      name,
      {
        schema: 1,
        owner: this.owner,
        members: complete.then((all) => all.flatMap(({ members }) => members).sort(byNode)),
        pools: complete.then((all) => all.map(({ pool }) => pool).sort(byName)),
        lost: complete.then((all) => absentIfEmpty(all.flatMap(({ lost }) => lost).sort(byNode))),
        __urn: ownUrn(name, "Roster", this),
      },
      { parent: this, dependsOn: pulumi.output(memberships) },
    );
  }

  #declareAccess(name: string, access: AccessArgs, roster: Roster): void {
    const pools = this.#complete.then((all) =>
      all.map(({ pool, members }) => ({ name: pool.name, members: members.map(({ node }) => node) })),
    );
    new ClusterAccess(name, { ...access, owner: this.owner, pools, settled: roster }, { parent: this });
  }
}

/**
 * Leaves out nodes that failed in this run, which happens with `--continue-on-error` only. The engine would skip a
 * roster that depends on them, and then write a state that it refuses to read: the roster in it would still depend on
 * members that were deleted meanwhile. In an output it would write a placeholder for them.
 */
async function standing(nodes: readonly EnlistedNode[]): Promise<EnlistedNode[]> {
  const stands = await Promise.all(
    nodes.map(({ membership }) => pulumi.runtime.isDryRun() || hasId(membership)),
  );
  return nodes.filter((_, at) => stands[at]);
}

function statusByName(nodes: readonly EnlistedNode[]): Record<string, pulumi.Output<NodeStatus>> {
  return Object.fromEntries(nodes.map(({ name, status }) => [name, status]));
}

/** Pulumi leaves out an input that is undefined. */
function absentIfEmpty(lost: readonly LostHost[]): readonly LostHost[] | undefined {
  return lost.length > 0 ? lost : undefined;
}

function byNode(one: { readonly node: string }, other: { readonly node: string }): number {
  return one.node < other.node ? -1 : 1;
}

function byName(one: RosterPool, other: RosterPool): number {
  return one.name < other.name ? -1 : 1;
}
