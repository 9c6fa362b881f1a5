// What Pulumi's state holds for one node's membership, an on-disk format, so shapes only grow; and what a change of it
// means. Pure.
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import type { DrainPolicy } from "../../model/drain-policy.ts";
import type { Hooks } from "../../model/hooks.ts";
import type { HostAddress, NodeMetadata } from "../../model/host.ts";
import type { SeenNode } from "../../model/node-status.ts";

/** Declares one node's place in a pool. */
export interface MembershipInputs extends NodeMetadata {
  readonly schema: 1;
  /** Node name. A change replaces: drained, reset and joined again. */
  readonly node: string;
  /** Pool name. Changes in place. */
  readonly pool: string;
  /** Stack that owns the node, as `organization/project/stack`. Changes in place. */
  readonly owner: string;
  /** Id of the join command. A change replaces: the machine joined anew. */
  readonly joinId: string;
  /** What kubeadm warned of in the join; told once. Absent where it warned of nothing. */
  readonly joinWarnings?: readonly string[];
  /** What the join said in place of its success, which fails the membership. */
  readonly joinDoubt?: string;
  /** Machine id of the host, as /etc/machine-id and Node.status.nodeInfo.machineID have it. */
  readonly machineId: string;
  /** Id half of the bootstrap token to revoke once the node is Ready; empty when none was minted. */
  readonly tokenId: string;
  /** Where to ask the kubelet for its last words when the node does not become Ready. */
  readonly host: HostAddress;
  /** False declares the node cordoned. */
  readonly schedulable: boolean;
  /** True declares it drained as well; absent means false. Changes in place. */
  readonly drained?: boolean;
  /** Any text; a changed one drains and reboots the host. Absent in older states. Changes in place. */
  readonly rebootTrigger?: string;
  /** Limits the wait for Ready, in seconds. */
  readonly readyTimeoutSeconds: number;
  readonly drain: DrainPolicy;
  /** How many nodes of the pool may drain at once. */
  readonly maxUnavailable: number;
  /** What the stack does of its own on the way; absent where nothing is declared, and in older states. Changes in place. */
  readonly hooks?: Hooks;
  /** URN of this resource, for progress lines on its own row. */
  readonly __urn: string;
}

/** Describes the Node as it was last seen. */
export interface NodeObservation extends SeenNode {
  readonly uid: string;
}

/** Adds to the inputs what was seen on the Node. */
export interface MembershipOutputs extends MembershipInputs {
  readonly observed: NodeObservation | null;
  /** True once the node was Ready and settled; from then on a change does not wait for Ready again. */
  readonly joined: boolean;
}

/** Fills in what the states of the first versions lack. */
export function completeState(inState: MembershipOutputs): MembershipOutputs {
  return { ...{ annotations: {} }, ...inState };
}

// Everything that a change in place may touch; `node` and `joinId` replace; what a join said is told by that, and `__urn` says where.
const inPlace = [
  "pool",
  "owner",
  "machineId",
  "tokenId",
  "host",
  "labels",
  "annotations",
  "taints",
  "schedulable",
  "drained",
  "rebootTrigger",
  "readyTimeoutSeconds",
  "drain",
  "maxUnavailable",
  "hooks",
] as const satisfies readonly (keyof MembershipInputs)[];

/** Compares state with declaration. The join's id replaces when it is new or not known yet: the machine joins anew. */
export function diffMembership(olds: MembershipOutputs, news: MembershipInputs): pulumi.dynamic.DiffResult {
  // At preview an id that is not known yet is a marker, which differs from every id.
  const replaces = (["node", "joinId"] as const).filter((field) => olds[field] !== news[field]);
  const changed = inPlace.filter((field) => !isDeepStrictEqual(olds[field], news[field]));
  // Not joined: a refresh has cleared the mark of an unfinished resource.
  const isUnfinished = olds.joined === false;
  return {
    changes: isUnfinished || replaces.length + changed.length > 0,
    replaces,
    deleteBeforeReplace: true,
  };
}
