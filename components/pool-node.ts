// One host as a node of a pool: enrolled, joined by kubeadm over SSH, and kept a member.
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { JoinSlot } from "./join-slots.ts";
import { type JoinReport, readJoinReport } from "./kubeadm/join-report.ts";
import { joinCommand } from "./kubeadm/left-join.ts";
import type { OwningCluster } from "./member-list.ts";
import type { DrainPolicy } from "./model/drain-policy.ts";
import type { Hooks } from "./model/hooks.ts";
import type { HostAddress, NodeMetadata } from "./model/host.ts";
import type { PoolLimits } from "./model/limits.ts";
import { nodeResourceNames } from "./model/names.ts";
import { type NodeStatus, nodeStatus } from "./model/node-status.ts";
import type { RosterPlace } from "./model/roster.ts";
import { type Preparation, prepareHost } from "./preparation.ts";
import { HostEnrollment } from "./providers/enrollment/host-enrollment.ts";
import { NodeMembership } from "./providers/membership/node-membership.ts";
import { ownUrn } from "./providers/own-urn.ts";
import { connectionTo, fromHost, programText } from "./remote-root.ts";

/** Describes one member of a pool, with every default filled in. */
export interface PoolNodeArgs {
  readonly cluster: OwningCluster;
  /** Pool name. Change effect: in place. */
  readonly pool: string;
  /** Where the host is. Change effect: in place; another machine behind the address is refused. */
  readonly host: pulumi.Input<HostAddress>;
  /** Any text. Change effect: drain, reset, join again. */
  readonly rejoinTrigger: string;
  /** Labels, annotations and taints of the pool and the host together. Change effect: in place. */
  readonly metadata: NodeMetadata;
  /** False keeps the node cordoned. Change effect: in place. */
  readonly schedulable: boolean;
  /** True keeps the node drained as well. Change effect: in place. */
  readonly drained: boolean;
  /** Any text; empty means none. Change effect of another text: drain and reboot. */
  readonly rebootTrigger: string;
  /** Limits the wait for Ready after the join or a reboot, in seconds. Change effect: in place. */
  readonly readyTimeoutSeconds: number;
  /** How the node is drained when it leaves. Change effect: in place. */
  readonly drain: DrainPolicy;
  /** How many nodes of the pool may drain or be down at once. Change effect: in place. */
  readonly maxUnavailable: number;
  /** What the stack does of its own when the node joins, leaves or is drained; absent means nothing. Change effect: in place. */
  readonly hooks?: Hooks;
  /** How large a change of the pool may be; absent means the defaults. Change effect: in place. */
  readonly limits?: PoolLimits;
  /** Socket of the container runtime, as a URL; absent means the one that serves CRI. Change effect: at the next join. */
  readonly criSocket?: string;
  /** How the host is made ready for its join; absent means that it comes prepared. Change effect: in place. */
  readonly preparation?: Preparation;
}

/**
 * Makes one host a node of its pool. Removed, it is drained, reset and its Node deleted, in this order: the reverse
 * of the last three resources below.
 */
export class PoolNode extends pulumi.ComponentResource {
  /** Node name. */
  readonly name: string;
  /** The last of the resources: a node that is ready and as declared. */
  readonly membership: NodeMembership;
  /** The node as the last run that touched it or the last `pulumi refresh` saw it. */
  readonly status: pulumi.Output<NodeStatus>;

  /** @param node Node name, which names the resources as well: a move between pools is then a change in place. */
  constructor(node: string, args: PoolNodeArgs, options: pulumi.ComponentResourceOptions) {
    super("nodepools:index:PoolNode", nodeResourceNames(node).poolNode, {}, options);
    this.name = node;
    const { preparation, ...host } = args;
    const prepared = preparation ? [prepareHost(node, { ...host, preparation }, this)] : [];
    const slot = args.cluster.joinSlots.take(prepared);
    const enrollment = this.#enroll(node, args, prepared, slot);
    const join = this.#join(node, args, enrollment, slot);
    slot.endWith(join);
    this.membership = this.#makeMember(node, args, enrollment, join);
    this.status = this.membership.observed.apply((seen) => nodeStatus(args.pool, seen));
    this.registerOutputs({ status: this.status });
  }

  #enroll(node: string, args: PoolNodeArgs, prepared: remote.Command[], slot: JoinSlot): HostEnrollment {
    const name = nodeResourceNames(node).enrollment;
    return new HostEnrollment(
      name,
      {
        schema: 1,
        node,
        owner: args.cluster.owner,
        host: pulumi.output(slot.begun.then(() => args.host)),
        rejoinTrigger: args.rejoinTrigger,
        registration: { labels: args.metadata.labels, taints: args.metadata.taints },
        roster: placeOf(args),
        ...(args.criSocket !== undefined && { runtimeSocket: args.criSocket }),
        __urn: ownUrn(name, "HostEnrollment", this),
      },
      { parent: this, dependsOn: prepared },
    );
  }

  /** Runs `kubeadm join`. Any other change runs nothing: only another enrollment, by its id, joins again. */
  #join(node: string, args: PoolNodeArgs, enrollment: HostEnrollment, slot: JoinSlot): remote.Command {
    return new remote.Command(
      nodeResourceNames(node).join,
      {
        connection: connectionTo(args),
        create: fromHost(args.host, ({ user }) => joinCommand(user)),
        update: "true",
        triggers: [slot.mayJoinAfter(enrollment).then(() => enrollment.id)],
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        ignoreChanges: [...programText, ...args.cluster.withoutCredentials],
      },
    );
  }

  /** Keeps the Node as declared; the join's id as an input makes a new join drain the node first. */
  #makeMember(
    node: string,
    args: PoolNodeArgs,
    enrollment: HostEnrollment,
    join: remote.Command,
  ): NodeMembership {
    const name = nodeResourceNames(node).membership;
    const {
      cluster,
      metadata,
      rejoinTrigger: _,
      preparation: __,
      limits: ___,
      criSocket: ____,
      drained,
      rebootTrigger,
      ...declared
    } = args;
    const report = reportOfJoin(join);
    return new NodeMembership(
      name,
      {
        schema: 1,
        ...declared,
        ...metadata,
        // Left out when not declared, so that a newer program changes no state.
        ...(drained && { drained }),
        ...(rebootTrigger !== "" && { rebootTrigger }),
        node,
        owner: cluster.owner,
        joinId: idOfJoin(enrollment, join),
        joinWarnings: report.apply(({ joinWarnings }) => joinWarnings),
        joinDoubt: report.apply(({ joinDoubt }) => joinDoubt),
        machineId: enrollment.machineId,
        tokenId: enrollment.tokenId,
        __urn: ownUrn(name, "NodeMembership", this),
      },
      { parent: this },
    );
  }
}

/** Tells a provider, with each host, what it hears of the roster only when all hosts are done. */
async function placeOf({ cluster, pool, maxUnavailable, limits }: PoolNodeArgs): Promise<RosterPlace> {
  await cluster.memberList.complete;
  const { size: members } = cluster.memberList;
  return { members, pool, maxUnavailable, ...(limits && { limits }) };
}

/**
 * Returns the join's id, which is unknown in a preview while a join is planned: the command plugin makes up an id there
 * that the join will not have, and a saved plan would hold the run to it. The enrollment's own id is never made up.
 */
function idOfJoin(enrollment: HostEnrollment, join: remote.Command): pulumi.Output<string> {
  return pulumi.all([join.id, enrollment.id]).apply(([id]) => id);
}

/** Left out where there is nothing to tell, so that a newer program changes no state. */
function reportOfJoin(join: remote.Command): pulumi.Output<JoinReport> {
  return join.stdout.apply((output) => readJoinReport(output));
}
