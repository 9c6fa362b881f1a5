// A pool: which of its hosts are nodes, and what these nodes share.
import * as pulumi from "@pulumi/pulumi";
import type { OwningCluster } from "./member-list.ts";
import { type HostAddress, selectMembers } from "./model/host.ts";
import { resolveMaxUnavailable } from "./model/limits.ts";
import { mergeMetadata } from "./model/node-metadata.ts";
import { mergeDrain, poolPolicy } from "./model/pool-policy.ts";
import type { PrepareOptions } from "./model/prepare.ts";
import { type LostHost, rosterMember } from "./model/roster.ts";
import { PoolNode } from "./pool-node.ts";
import { openOfflineFolder, type Preparation } from "./preparation.ts";
import { declareWithOutputs } from "./pulumi-internals/few-outputs.ts";
import { declareWithoutPlace } from "./pulumi-internals/stack-traces.ts";
import { type Pool, type PoolHost, resolvePool } from "./settings/pool.ts";
import type { PoolArgs } from "./settings/pool-args.ts";

/** Declares a pool; see PoolArgs for every field, its default and what a change of it does. */
export interface NodePoolArgs extends Omit<PoolArgs, "name"> {
  /** The Cluster that the pool's nodes belong to. */
  readonly cluster: OwningCluster;
}

// Of the resources of a node, what others of them read, and what is told of it.
const outputsOfNodes = ["machineId", "tokenId", "stdout", "observed"];

/**
 * Owns the nodes of one pool: the first `count` eligible hosts in list order. Hosts that come in are joined; hosts
 * that leave, by count, by state or by deleting their entry, are drained, reset and deleted.
 */
export class NodePool extends pulumi.ComponentResource {
  /** The members in list order. */
  readonly nodes: readonly PoolNode[];

  constructor(name: string, args: NodePoolArgs, options?: pulumi.ComponentResourceOptions) {
    super("nodepools:index:NodePool", name, {}, options);
    const { cluster, ...declared } = args;
    cluster.memberList.requireOpen(name);
    const pool = resolvePool({ ...declared, name });
    const members = selectMembers(pool.hosts, pool.count);
    const maxUnavailable = resolveMaxUnavailable(pool.maxUnavailable, members.length);
    const preparation = pool.prepare && preparationOf(pool.prepare);
    this.nodes = members.map((host) => this.#declareNode(cluster, pool, host, maxUnavailable, preparation));
    cluster.memberList.enter({
      pool: {
        name,
        ...poolPolicy(
          { maxUnavailable, drain: pool.drain, ...(pool.hooks && { hooks: pool.hooks }) },
          pool.hosts,
        ),
        ...(pool.limits && { limits: pool.limits }),
        ...(pool.prepare && { kubernetes: pool.prepare.kubernetes }),
      },
      members: members.map((host) => rosterMember(name, host, mergeMetadata(pool, host).taints)),
      lost: pool.hosts.filter(({ state }) => state === "lost").map(lostHost),
      nodes: this.nodes,
    });
    this.registerOutputs({ members: members.map((host) => host.name) });
  }

  #declareNode(
    cluster: OwningCluster,
    pool: Pool,
    host: PoolHost,
    maxUnavailable: number,
    preparation?: Preparation,
  ): PoolNode {
    const criSocket = host.criSocket ?? pool.criSocket;
    const args = {
      cluster,
      pool: pool.name,
      host: hostAddress(host),
      rejoinTrigger: host.rejoinTrigger ?? "",
      metadata: mergeMetadata(pool, host),
      schedulable: host.state === "active",
      drained: host.state === "maintenance",
      rebootTrigger: host.rebootTrigger ?? "",
      readyTimeoutSeconds: pool.readyTimeoutSeconds,
      drain: mergeDrain(pool.drain, host.drain),
      maxUnavailable,
      ...(pool.hooks && { hooks: pool.hooks }),
      ...(pool.limits && { limits: pool.limits }),
      ...(criSocket !== undefined && { criSocket }),
      ...(preparation && { preparation }),
    };
    return declareWithoutPlace(() =>
      declareWithOutputs(outputsOfNodes, () => new PoolNode(host.name, args, { parent: this })),
    );
  }
}

function preparationOf(options: PrepareOptions): Preparation {
  return { options, ...(options.files !== undefined && { folder: openOfflineFolder(options.files) }) };
}

function lostHost({ name: node, rejoinTrigger = "" }: PoolHost): LostHost {
  return { node, rejoinTrigger };
}

function hostAddress({ address, port, user, hostKey }: PoolHost): pulumi.Input<HostAddress> {
  if (typeof address === "string" && typeof hostKey === "string") return { address, port, user, hostKey };
  return pulumi.output({ address, port, user, hostKey });
}
