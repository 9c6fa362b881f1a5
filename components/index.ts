// The public surface: what other Pulumi programs may import.
export type { AccessArgs } from "./access.ts";
export { Cluster, type ClusterArgs, type StackOutputs } from "./cluster.ts";
export type { NodeStatus } from "./model/node-status.ts";
export type { PrepareOptions } from "./model/prepare.ts";
export { NodePool, type NodePoolArgs } from "./node-pool.ts";
export type {
  DrainArgs,
  DrainRuleArgs,
  HostArgs,
  LimitsArgs,
  MetadataArgs,
  PoolArgs,
} from "./settings/pool-args.ts";
export { readSettings } from "./settings/read-settings.ts";
