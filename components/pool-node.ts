// One host as a node of a pool: enrolled, joined by kubeadm over SSH, and kept a member.
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "./cluster.ts";
import { joinScript } from "./kubeadm/scripts.ts";
import { mergeLabels, mergeTaints } from "./model/node-metadata.ts";
import { HostEnrollment } from "./providers/enrollment/host-enrollment.ts";
import { NodeMembership } from "./providers/membership/node-membership.ts";
import type { Pool, PoolHost } from "./settings/pool.ts";
import { commandConnection, remoteScript } from "./ssh/command-connection.ts";

/** Describes one member of a pool. */
export interface PoolNodeArgs {
  readonly cluster: Cluster;
  readonly pool: Pool;
  readonly host: PoolHost;
  /** How many nodes of the pool may drain at once. */
  readonly maxUnavailable: number;
}

/**
 * Makes one host a node of its pool. Named by node, never by pool, so that a move between pools is a change in place.
 * Removed, it is drained, reset and its Node deleted, in this order: the reverse of the three resources below.
 */
export class PoolNode extends pulumi.ComponentResource {
  /** The last of the three resources: a member that is ready and as declared. */
  readonly membership: NodeMembership;

  readonly #args: PoolNodeArgs;

  constructor(name: string, args: PoolNodeArgs, options: pulumi.ComponentResourceOptions) {
    super("nodepools:index:PoolNode", name, {}, options);
    this.#args = args;
    const enrollment = this.#enroll(name);
    const join = this.#join(name, enrollment);
    this.membership = this.#makeMember(name, enrollment, join);
    this.registerOutputs({ node: this.membership.observed });
  }

  #enroll(name: string): HostEnrollment {
    const { cluster, pool, host } = this.#args;
    return new HostEnrollment(
      name,
      {
        schema: 1,
        node: name,
        owner: cluster.owner,
        host: host.at,
        rejoinTrigger: host.rejoinTrigger,
        registration: {
          labels: mergeLabels(pool.labels, host.labels),
          taints: mergeTaints(pool.taints, host.taints),
        },
        __urn: pulumi.createUrn(name, "pulumi-nodejs:dynamic/nodepools:HostEnrollment", this),
      },
      { parent: this },
    );
  }

  /** Runs kubeadm join. An update runs nothing: only another enrollment, by its id, joins again. */
  #join(name: string, enrollment: HostEnrollment): remote.Command {
    const { cluster, host } = this.#args;
    return new remote.Command(
      name,
      {
        connection: pulumi.all([host.at, cluster.credentials]).apply(([at, credentials]) => commandConnection(at, credentials)),
        create: pulumi.output(host.at).apply(({ user }) => remoteScript(joinScript, user)),
        update: "true",
        stdin: enrollment.joinConfiguration,
        triggers: [enrollment.id],
        logging: "none",
        addPreviousOutputInEnv: false,
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }
}
