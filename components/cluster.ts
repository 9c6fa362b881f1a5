// One kubeadm cluster: who owns its nodes, how its hosts are reached, its pools, and the roster of all declared members.
import * as pulumi from "@pulumi/pulumi";
import { accessNeeds } from "./access/rules.ts";
import { type AccessArgs, ClusterAccess } from "./access.ts";
import { JoinSlots } from "./join-slots.ts";
import { MemberList, type OwningCluster } from "./member-list.ts";
import { systemClock } from "./model/clock.ts";
import { accessNamespace, parallelJoinsDefault } from "./model/defaults.ts";
import type { NodeStatus, Removals } from "./model/node-status.ts";
import { ownerOf } from "./model/owner.ts";
import { summarizeChange } from "./model/pool-summary.ts";
import type { LostHost, RosterPool } from "./model/roster.ts";
import { memoryWarning } from "./model/stack-memory.ts";
import { NodePool } from "./node-pool.ts";
import { ownUrn } from "./providers/own-urn.ts";
import { Roster } from "./providers/roster/roster.ts";
import { quietDebugLog } from "./pulumi-internals/debug-log.ts";
import { hasId, notKnownYet, valueIfKnown } from "./pulumi-internals/known-value.ts";
import { heapGrowth, keepHeapSmall } from "./pulumi-internals/small-heap.ts";
import { mapOnlyFramesOfTheProgram, traceNoPromises } from "./pulumi-internals/stack-traces.ts";
import { readManifest } from "./settings/hook-manifest.ts";
import { memoryLimits } from "./settings/memory-limits.ts";
import type { PoolArgs } from "./settings/pool-args.ts";
import { serveKeyFilters, throughKeyFilters } from "./ssh/agent-key.ts";
import type { SshCredentials } from "./ssh/credentials.ts";

/** Describes a cluster: how the program reaches it, and its pools. */
export interface ClusterArgs {
  /**
   * SSH credentials used to authenticate to the hosts when the join command runs. Change effect: in place.
   * The providers read the same from the stack config (`nodepools:ssh`, `nodepools:cluster`), so that a rotated key
   * or a moved kubeconfig is used at once for every node.
   */
  readonly credentials: pulumi.Input<SshCredentials>;
  /**
   * Pools of the cluster. Default: those that are declared right after it as `new NodePool(name, { cluster, … })`,
   * without awaiting in between. Change effect: as of each pool; none, when a pool moves from one form to the other.
   */
  readonly pools?: readonly PoolArgs[];
  /** How many hosts may join at once, 1 or more, while a fifth as many more are enrolled. Default: 10. Change effect: in place. */
  readonly parallelJoins?: number;
  /** Declares an identity that may do what this program does and no more, and the inventory. Default: neither. */
  readonly access?: AccessArgs;
}

/** Owns the worker nodes of one kubeadm cluster; one per stack. */
export class Cluster extends pulumi.ComponentResource implements OwningCluster {
  /** Stack that owns the nodes, as `organization/project/stack`. */
  readonly owner: string;
  /** SSH credentials that open its hosts. */
  readonly credentials: pulumi.Output<SshCredentials>;
  /** Inputs of remote commands that a preview takes from the state, because it has no credentials. */
  readonly withoutCredentials: string[];
  /** The slots in which hosts join. */
  readonly joinSlots: JoinSlots;
  /** Where pools enter their members. */
  readonly memberList = new MemberList();
  /**
   * Each node of all pools by its name, as the last run that touched it or the last `pulumi refresh` saw it. Nodes that a
   * run removes are in its outputs as well, with `removal: "pending"`: gone when it succeeds, still there when it fails.
   */
  readonly nodes: pulumi.Output<Record<string, NodeStatus>>;

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("nodepools:index:Cluster", name, {}, options);
    keepHeapSmall(heapGrowth.program);
    quietDebugLog();
    mapOnlyFramesOfTheProgram();
    traceNoPromises();
    this.owner = ownerOf(pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack());
    this.credentials = pulumi.secret(
      pulumi.output(args.credentials).apply((each) => this.#forCommands(each)),
    );
    this.withoutCredentials = this.#warnOfMissingKey(args.credentials) ? ["connection"] : [];
    this.joinSlots = new JoinSlots(args.parallelJoins ?? parallelJoinsDefault);
    this.#collectPools(args.pools);
    void this.#warnOfMemory();
    const begun = systemClock.now();
    const roster = this.#declareRoster(name, args.access);
    const declared = this.memberList.standing().then(statusByName);
    this.nodes = pulumi
      .all([declared, removalsSince(begun, roster)])
      .apply((parts) => ({ ...parts[1], ...parts[0] }));
    if (args.access) this.#declareAccess(name, args.access, roster);
    this.registerOutputs({ owner: this.owner });
  }

  /**
   * What a program exports. In a preview `nodes` is not known, since the CLI prints every node there once one differs, and
   * a saved plan would hold `up` to what the preview knew: one line for each pool that changes says which nodes differ.
   */
  get stackOutputs(): { readonly nodes: pulumi.Output<Record<string, NodeStatus>> } {
    if (!pulumi.runtime.isDryRun()) return { nodes: this.nodes };
    return {
      nodes: pulumi.output(this.#tellDifferences().then(() => notKnownYet<Record<string, NodeStatus>>())),
    };
  }

  async #tellDifferences(): Promise<void> {
    for (const { pool, nodes } of await this.memberList.complete) {
      const seen = nodes.map(async ({ name, status }) => ({ name, status: await valueIfKnown(status) }));
      const summary = summarizeChange(await Promise.all(seen));
      if (summary !== undefined) await pulumi.log.info(`pool ${pool.name}: ${summary}`, this);
    }
  }

  /** The command plugin knows no key of an agent: it gets an agent that shows the chosen one, from this process. */
  #forCommands(credentials: SshCredentials): SshCredentials {
    if (!pulumi.runtime.isDryRun()) serveKeyFilters(credentials, this.owner);
    return throughKeyFilters(credentials, this.owner);
  }

  #warnOfMissingKey(credentials: ClusterArgs["credentials"]): boolean {
    const { missing } = credentials as Partial<SshCredentials>;
    if (typeof missing !== "string") return false;
    const text = `previewing without the SSH key, since no host has to be asked so far: ${missing} Not checked: whether hosts let us log in`;
    void pulumi.log.warn(text, this);
    return true;
  }

  /** Says before the first node is registered that a run with so many is not to be had here. */
  async #warnOfMemory(): Promise<void> {
    await this.memberList.complete;
    const text = memoryWarning(this.memberList.size, memoryLimits());
    // On no resource's row: it would wait for the resource.
    if (text !== undefined) await pulumi.log.warn(text);
  }

  /** Declares the given pools, or takes those that this turn declares. A pool has no parent in either form. */
  #collectPools(pools: ClusterArgs["pools"]): void {
    if (pools === undefined) {
      void this.memberList.closeAfterThisTurn();
      return;
    }
    for (const { name, ...pool } of pools) new NodePool(name, { cluster: this, ...pool });
    this.memberList.close("Add it to the `pools` of the Cluster");
  }

  /** Declares the roster at once, with members that are known when all pools are declared. */
  #declareRoster(name: string, access: AccessArgs | undefined): Roster {
    const { complete } = this.memberList;
    const memberships = this.memberList.standing().then((all) => all.map(({ membership }) => membership));
    return new Roster(
      name,
      {
        schema: 1,
        owner: this.owner,
        members: complete.then((all) => all.flatMap(({ members }) => members).sort(byNode)),
        pools: complete.then((all) => all.map(({ pool }) => pool).sort(byName)),
        lost: complete.then((all) => absentIfEmpty(all.flatMap(({ lost }) => lost).sort(byNode))),
        ...(access && { accessNamespace: access.namespace ?? accessNamespace }),
        __urn: ownUrn(name, "Roster", this),
      },
      { parent: this, dependsOn: pulumi.output(memberships) },
    );
  }

  #declareAccess(name: string, access: AccessArgs, roster: Roster): void {
    const pools = this.memberList.complete.then((all) =>
      all.map(({ pool, members }) => ({ name: pool.name, members: members.map(({ node }) => node) })),
    );
    const needs = this.memberList.complete.then((all) =>
      accessNeeds(
        all.map(({ pool }) => pool),
        readManifest,
        access.verify,
      ),
    );
    const args = { ...access, owner: this.owner, pools, needs, settled: roster };
    new ClusterAccess(name, args, { parent: this });
  }
}

/**
 * Lists the nodes that this run removes; of a roster that has failed none. In the preview of a change they are not known:
 * a saved plan would hold the run to their not being there.
 */
async function removalsSince(begun: number, roster: Roster): Promise<pulumi.Input<Removals["nodes"]>> {
  if (!pulumi.runtime.isDryRun() && !(await hasId(roster))) return {};
  return roster.removals.apply((told) => (told !== undefined && told.at >= begun ? told.nodes : {}));
}

function statusByName(
  nodes: readonly { readonly name: string; readonly status: pulumi.Output<NodeStatus> }[],
): Record<string, pulumi.Output<NodeStatus>> {
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
