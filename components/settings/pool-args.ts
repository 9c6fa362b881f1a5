// What a pool is declared with, by a program or by the stack config: every option, its default and what a change does.
import type { DrainAction, PodLabels } from "../model/drain-policy.ts";
import type { HostState } from "../model/host.ts";
import type { Prepare } from "../model/prepare.ts";
import type { Taint } from "../model/taint.ts";
import type { TextOrOutput } from "./fields.ts";

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
  /** Limits one node's drain to the last pod gone, in seconds; 10 to 86400. Default: 600. Change effect: in place. */
  readonly timeoutSeconds?: number;
  /** Overrides each pod's termination grace period, in seconds; 0 kills at once. Default: the pod's own. Change effect: in place. */
  readonly gracePeriodSeconds?: number;
  /** Allows evicting pods with emptyDir volumes, whose data is lost. Default: false. Change effect: in place. */
  readonly deleteEmptyDirData?: boolean;
  /** Allows evicting pods that no controller will create again. Default: false. Change effect: in place. */
  readonly force?: boolean;
  /** Label selector as kubectl takes it, such as `app=web,tier in (a, b),!legacy`; only pods that it selects are drained. Default: all pods. Change effect: in place. */
  readonly podSelector?: string;
  /** Leaves pods behind whose deletion time passed more than so many seconds ago; 1 to 86400. Default: waits for them. Change effect: in place. */
  readonly skipWaitForDeleteTimeoutSeconds?: number;
  /** Limits the wait for volumes after the last pod is gone, in seconds; 10 to 86400. Default: what is left of timeoutSeconds. Change effect: in place. */
  readonly volumeDetachTimeoutSeconds?: number;
  /**
   * Waits, once a node's pods and volumes are gone, until the Deployments, StatefulSets, ReplicaSets and other owners with
   * a scale have as many Ready pods as before; only then the host is reset or rebooted, and the pool's next node begins.
   * true: up to 600 s; or up to so many seconds, 10 to 86400; then the drain fails. Default: false. Change effect: in place.
   */
  readonly waitForReplacements?: boolean | number;
  /**
   * fail: pods that are still there stay, and the drain fails; deletePods: each is deleted PAST ITS BUDGETS, and past a label that asks to wait, in time for
   * its own grace period to end with timeoutSeconds. Default: fail. Change effect: in place.
   */
  readonly onTimeout?: "fail" | "deletePods";
  /** After a drain that failed, leaveCordoned keeps the node cordoned; restore lifts the cordon if this program set it. Default: leaveCordoned. Change effect: in place. */
  readonly onFailure?: "leaveCordoned" | "restore";
  /** Evicts the pods of DaemonSets too, after the ordinary pods. Default: false. Change effect: in place. */
  readonly evictDaemonSetPods?: boolean;
  /**
   * honour: a pod's label `nodepools.local/drain` skips it or has the drain wait for it, before all rules; ignore: only
   * rules do, whatever the pods' owners write. Default: honour. Change effect: in place.
   */
  readonly podLabels?: PodLabels;
  /**
   * honour: of a pod that asks autoscalers to leave it (`cluster-autoscaler.kubernetes.io/safe-to-evict: "false"`,
   * `karpenter.sh/do-not-disrupt: "true"`) the drain waits until it has completed or asks no more, unless a rule selects it; ignore:
   * it is evicted, which the preview says. Default: ignore. Change effect: in place.
   */
  readonly podAnnotations?: PodLabels;
  /** Exceptions for some pods; if several rules match a pod, the first in name order wins. Default: none. Change effect: in place. */
  readonly rules?: readonly DrainRuleArgs[];
}

/** Treats some pods differently from the rest; a label `nodepools.local/drain` on a pod wins over all rules, unless podLabels is ignore. */
export interface DrainRuleArgs {
  /** DNS label, unique in the list; its alphabetical order decides between rules. Change effect: in place. */
  readonly name: string;
  /** Label selector of the pods. Default: all. Change effect: in place. */
  readonly pods?: string;
  /** Label selector of their namespaces. Default: all. Change effect: in place. */
  readonly namespaces?: string;
  /**
   * drain: evicts them; restart: restarts their Deployment by rollout, whose surge starts new pods elsewhere before these
   * end, regardless of budgets, and refuses pods of anything else; skip: leaves them alone; waitCompleted: waits until
   * they end by themselves. Change effect: in place.
   */
  readonly action: DrainAction;
  /** Pods of a lower order are gone before the next are evicted; any 32-bit whole number, with action drain or restart only. Default: 0. Change effect: in place. */
  readonly order?: number;
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
   * active: joined and schedulable; cordoned: joined and unschedulable, pods stay; maintenance: cordoned and drained;
   * spare: never chosen, and drained and reset if it was a member; lost: the machine is dead or cut off, so its Node
   * is removed without contacting it, and it comes back only with a new rejoinTrigger. Default: active.
   * Change effect: in place; to or from spare: drain and replace; lost: the next eligible host takes its place.
   */
  readonly state?: HostState;
  /** Fields of the pool's drain that differ for this host; rules replace the pool's list. Default: the pool's. Change effect: in place. */
  readonly drain?: DrainArgs;
  /** Socket of its container runtime, such as `unix:///run/crio/crio.sock`. Default: the pool's. Change effect: at the next join. */
  readonly criSocket?: string;
  /** Any text; a changed one drains and reboots the host, one given at the join or removed does nothing. Default: none. Change effect: in place. */
  readonly rebootTrigger?: string;
  /** Any text; a changed one drains and resets the host and joins it again. Default: none. Change effect: rejoin. */
  readonly rejoinTrigger?: string;
}

/** Declares a Job of the cluster that a hook runs. */
export interface HookJobArgs {
  /** Namespace in which it runs; it must exist. Change effect: in place. */
  readonly namespace: string;
  /** The Job (batch/v1) as Kubernetes takes it, without a name; exactly one of this and file. Change effect: in place. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Path of a file with the Job, YAML or JSON, relative to the project's folder; read when the hook runs. Change effect: in place. */
  readonly file?: string;
}

/** Declares one hook. It must be safe to run twice: what a killed run has begun runs again. */
export interface HookArgs {
  /** DNS label of at most 40 characters, unique in the list. Change effect: in place; another name is another hook. */
  readonly name: string;
  /** Text for `sh`, run as root on the host, with NODEPOOLS_NODE, NODEPOOLS_POOL, NODEPOOLS_POINT and NODEPOOLS_OCCASION set; exactly one of this and job. Change effect: in place. */
  readonly command?: string;
  /** A Job of the cluster; exactly one of this and command. Change effect: in place. */
  readonly job?: HookJobArgs;
  /** Limits one run, in seconds; 1 to 86400. Default: 600. Change effect: in place. */
  readonly timeoutSeconds?: number;
}

/** Declares what the stack does of its own around a node's drain, reset and join, one after the other; a failure stops there. */
export interface HooksArgs {
  /** In the node's own turn, cordoned and before its first pod moves: removal, rejoin, maintenance, reboot. Default: none. Change effect: in place. */
  readonly beforeDrain?: readonly HookArgs[];
  /** Once its pods and volumes are gone: removal, rejoin, maintenance, reboot. Default: none. Change effect: in place. */
  readonly afterDrain?: readonly HookArgs[];
  /** Just before its host is reset: removal, rejoin. Default: none. Change effect: in place. */
  readonly beforeReset?: readonly HookArgs[];
  /** Once it has joined and is Ready, labels and taints set; it takes pods already. Default: none. Change effect: in place. */
  readonly afterJoin?: readonly HookArgs[];
}

/** Declares how large a change of a pool may be before it is refused at preview; `pulumi destroy` is always allowed. */
export interface LimitsArgs {
  /** Nodes that one change may remove: a number from 0, or a percent of the members such as "50%", rounded down. Default: 34 %, at least 1 node. Change effect: in place. */
  readonly maxRemovals?: number | string;
  /** Nodes that have to stay Ready when others leave, are drained or rebooted; at least 1. Default: none. Change effect: in place. */
  readonly minReady?: number;
  /**
   * True refuses at preview a change of which a drain is known to fail: pods that it may not evict, budgets that can never
   * allow it. Default: false, which only warns of it. Change effect: in place.
   */
  readonly refuseKnownFailures?: boolean;
}

/** Declares a pool: hosts whose nodes share metadata and the way they are drained. */
export interface PoolArgs extends MetadataArgs {
  /** Name of the pool, unique in the stack. Change effect: in place. */
  readonly name: string;
  /** Number of nodes: the first `count` hosts that are neither spare nor lost, in list order. Default: all. Change effect: hosts join, or drain and leave. */
  readonly count?: number;
  /** How many nodes may drain or be down at once: a number, or a percent of the pool such as "25%", rounded up. Default: 1. Change effect: in place. */
  readonly maxUnavailable?: number | string;
  /** Limits the wait for a joined node to be Ready, in seconds; 10 to 86400. Default: 600. Change effect: in place. */
  readonly readyTimeoutSeconds?: number;
  /** How its nodes are drained. Change effect: in place. */
  readonly drain?: DrainArgs;
  /** What the stack does of its own around drain, reset and join. Default: nothing. Change effect: in place; counts for the next of them. */
  readonly hooks?: HooksArgs;
  /** How large a change may be. Change effect: in place. */
  readonly limits?: LimitsArgs;
  /** Socket of the container runtime on its hosts; needed where several serve CRI, or one elsewhere than usual. Default: the one that serves CRI. Change effect: at the next join. */
  readonly criSocket?: string;
  /**
   * How its hosts are made ready for their join, or `none`: a host that lacks something is then refused. Default: none.
   * Change effect: in place, never a drain or a join; nodes get their registry mirrors and image archives, the rest
   * counts for hosts that join.
   */
  readonly prepare?: Prepare;
  /** Machines of the pool in the order in which they are chosen. Change effect: hosts join, or drain and leave; the order matters only with `count`. */
  readonly hosts: readonly HostArgs[];
}
