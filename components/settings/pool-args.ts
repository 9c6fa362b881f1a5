// What a pool is declared with, by a program or by the stack config: every option, its default and what a change does.
import type { Taint } from "../model/taint.ts";
import type { TextOrOutput } from "./fields.ts";
import type { SupportedState } from "./schema.ts";

/** Metadata that the program owns on a Node: the declared keys and no others. */
export interface MetadataArgs {
  /** Labels by key; a host's win over its pool's. Default: none. Change effect: in place. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints, identified by key and effect; a host's win over its pool's. Default: none. Change effect: in place; an added NoExecute evicts pods. */
  readonly taints?: readonly Taint[];
  /** Annotations by key; a host's win over its pool's. Default: none. Change effect: in place. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Declares how a node is drained, in kubectl's words. */
export interface DrainArgs {
  /** Limits one node's drain, in seconds; 10 to 86400. Default: 600. Change effect: in place. */
  readonly timeoutSeconds?: number;
  /** Overrides each pod's termination grace period, in seconds; 0 kills at once. Default: the pod's own. Change effect: in place. */
  readonly gracePeriodSeconds?: number;
  /** Allows evicting pods with emptyDir volumes, whose data is lost. Default: false. Change effect: in place. */
  readonly deleteEmptyDirData?: boolean;
  /** Allows evicting pods that no controller will create again. Default: false. Change effect: in place. */
  readonly force?: boolean;
}

/** Declares one machine of a pool. */
export interface HostArgs extends MetadataArgs {
  /** Name of the host's Node, unique in the stack. Change effect: refused while the host is joined; remove the entry in one run, add it in the next. */
  readonly name: string;
  /** IP address or DNS name of its SSH server. Change effect: in place, if the same machine answers there. */
  readonly address: TextOrOutput;
  /** Public key of its SSH server as `type base64`. Default in the stack config: from ssh.knownHostsFile. Change effect: in place. */
  readonly hostKey?: TextOrOutput;
  /** Login; any other than root needs passwordless sudo. Default: ssh.user, else root. Change effect: in place. */
  readonly user?: string;
  /** TCP port of its SSH server. Default: ssh.port, else 22. Change effect: in place. */
  readonly port?: number;
  /**
   * active: joined and schedulable; cordoned: joined and unschedulable, pods stay; spare: never chosen, and drained
   * and reset if it was a member. Default: active. Change effect: in place; to or from spare: drain and replace.
   */
  readonly state?: SupportedState;
  /** Any text; a changed one drains and resets the host and joins it again. Default: none. Change effect: rejoin. */
  readonly rejoinTrigger?: string;
}

/** Declares a pool: hosts whose nodes share metadata and the way they are drained. */
export interface PoolArgs extends MetadataArgs {
  /** Name of the pool, unique in the stack. Change effect: in place. */
  readonly name: string;
  /** Number of nodes: the first `count` hosts that are not spare, in list order. Default: all. Change effect: hosts join, or drain and leave. */
  readonly count?: number;
  /** How many nodes may drain or be down at once: a number, or a percent of the pool such as "25%", rounded up. Default: 1. Change effect: in place. */
  readonly maxUnavailable?: number | string;
  /** Limits the wait for a joined node to be Ready, in seconds; 10 to 86400. Default: 600. Change effect: in place. */
  readonly readyTimeoutSeconds?: number;
  /** How its nodes are drained. Change effect: in place. */
  readonly drain?: DrainArgs;
  /** Machines of the pool in the order in which they are chosen. Change effect: hosts join, or drain and leave; the order matters only with `count`. */
  readonly hosts: readonly HostArgs[];
}
