// What the program asks of a Kubernetes API server, as one interface that drain and the providers share.
import type {
  V1ClusterRole,
  V1DaemonSet,
  V1Job,
  V1LabelSelector,
  V1Namespace,
  V1Node,
  V1OwnerReference,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1PodDisruptionBudget,
  V1Taint,
  V1VolumeAttachment,
} from "@kubernetes/client-node";

export type Node = V1Node;
type NodeTaint = V1Taint;
export type Pod = V1Pod;
export type OwnerReference = V1OwnerReference;
export type LabelSelector = V1LabelSelector;
type DaemonSet = V1DaemonSet;
export type Budget = V1PodDisruptionBudget;
export type VolumeAttachment = V1VolumeAttachment;
export type VolumeClaim = V1PersistentVolumeClaim;
export type Volume = V1PersistentVolume;
export type Namespace = V1Namespace;
export type Job = V1Job;
type ClusterRole = V1ClusterRole;

/** Identifies one pod for ever: a new pod of the same name has another uid. */
export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Names the owner of pods. */
export type OwnerName = Pick<OwnerReference, "apiVersion" | "kind" | "name">;

/** What keeps a number of pods: a Deployment, StatefulSet or ReplicaSet, or an object of another kind with a scale. */
export interface Workload {
  readonly uid: string;
  /** How many pods it wants. */
  readonly replicas: number;
  /** Selects its pods, as `kubectl --selector` takes it. */
  readonly selector: string;
  /** Another one after each rollout; absent for kinds that do not tell. */
  readonly revision?: string;
  /** What made it, such as the Deployment of a ReplicaSet. */
  readonly controller?: OwnerReference;
  readonly isEnding: boolean;
  /** Why it cannot create pods, in the cluster's words; absent when it can. */
  readonly fault?: string;
  /** How it replaces its pods; of a Deployment only. */
  readonly rollout?: Rollout;
}

/** How a Deployment replaces its pods, and how far it is with that. */
export interface Rollout {
  /** Another one after each change of the Deployment. */
  readonly version: string;
  /** Whether the cluster has looked at the Deployment as it is now: what it says of its revision is true then. */
  readonly isObserved: boolean;
  readonly isPaused: boolean;
  /** How many new pods may be there before old ones end; 0 where it recreates. */
  readonly surge: number;
  /** How many of its pods it may end before new ones are available. */
  readonly unavailable: number;
  /** When it was last restarted, as whoever did that wrote it. */
  readonly restartedAt?: string;
  /** Why it makes no progress any more, in the cluster's words. */
  readonly stalled?: string;
}

/** A Deployment as it was read. */
export interface SeenRollout {
  readonly uid: string;
  readonly version: string;
}

/** Names a pod disruption budget that refused an eviction, in the server's own words. */
export interface BudgetRefusal {
  readonly text: string;
}

/** Closed set of what the server may answer to one eviction (reference: pkg/registry/core/pod/storage/eviction.go). */
export type EvictionAnswer =
  /** The pod is being deleted. */
  | { readonly kind: "evicted" }
  /** The pod is gone, or another pod has its name (404, 409 on the uid); a rare 409 on a busy pod looks the same, so ask the node's pod list. */
  | { readonly kind: "gone" }
  /** A budget does not allow it now (429 with a DisruptionBudget cause, or a budget not yet observed). */
  | {
      readonly kind: "blocked";
      readonly budgets: readonly BudgetRefusal[];
      readonly retryAfterSeconds?: number;
    }
  /** More than one budget selects the pod: the server never allows it (500, kubernetes#75957). */
  | { readonly kind: "ambiguous"; readonly text: string }
  /** The pod's namespace is terminating (403 with a NamespaceTerminating cause). */
  | { readonly kind: "namespace-terminating" }
  /** The server or the way to it failed: 5xx, dropped connection, overload, conflict, a webhook that defers. */
  | { readonly kind: "transient"; readonly text: string; readonly retryAfterSeconds?: number }
  /** The answer will not change by asking again: RBAC, bad request. */
  | { readonly kind: "refused"; readonly text: string };

/** A list that the server keeps current by a watch, until it is disposed of. */
export interface Followed<Item> extends Disposable {
  /** The objects as the server last told them. */
  items(): readonly Item[];
  /** Why the items may be out of date; undefined while the watch stands. */
  fault(): string | undefined;
  /** Calls `listener` after each change of items or fault; the returned function ends that. */
  onChange(listener: () => void): () => void;
}

/** Describes a change of a Node; absent fields stay as they are, null removes a key. */
export interface NodeChange {
  readonly unschedulable?: boolean;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly annotations?: Readonly<Record<string, string | null>>;
  /** The whole list, because Kubernetes treats spec.taints as one atomic value. */
  readonly taints?: readonly NodeTaint[];
}

/** A kubelet's request for its client certificate. */
export interface CertificateRequest {
  readonly name: string;
  /** Who asks; a kubelet that joins has the name of its bootstrap token: `system:bootstrap:<id>`. */
  readonly username: string;
  /** PEM. */
  readonly request: string;
}

/** What somebody answered over HTTP: the status, and the beginning of the body as it came. */
export interface HttpAnswer {
  readonly status: number;
  readonly said: string;
}

/** Describes a bootstrap token to create. */
export interface BootstrapTokenRequest {
  readonly tokenId: string;
  readonly tokenSecret: string;
  /** RFC 3339, UTC. */
  readonly expiration: string;
  readonly description: string;
}

/** The calls that the program makes; every failure is a KubeError that names verb, object and cause. */
export interface KubeApi {
  /** PEM bundle of the CAs that the kubeconfig trusts; empty when it trusts the system's, or any. */
  readonly caBundle: string;
  /** URL of the API server, without a login that the kubeconfig may have written into it. */
  readonly server: string;
  /** How far the server's clock is ahead of this machine's, in seconds; 0 unless its answers so far prove otherwise. */
  clockOffset(): number;
  /** Server version, such as `v1.34.4`. */
  readServerVersion(): Promise<string>;

  listNodes(): Promise<Node[]>;
  readNode(name: string): Promise<Node | undefined>;
  /** Merge-patches a Node as it was read: a resourceVersion conflict is a KubeError for which `isConflict` is true. */
  changeNode(node: Node, change: NodeChange): Promise<Node>;
  /** Deletes the Node with this uid; "absent" when no Node or another one has the name. */
  deleteNode(name: string, uid: string): Promise<"deleted" | "absent">;

  /** Lists the pods bound to a node in all namespaces, paged. */
  listPodsOnNode(nodeName: string): Promise<Pod[]>;
  /** Follows the pods bound to a node; resolves with the first complete list. Throws KubeError when list or watch is refused. */
  followPodsOnNode(nodeName: string): Promise<Followed<Pod>>;
  /** Lists all pods of the cluster, and of each what `keep` returns: all of them as they are may be a gigabyte. */
  listPods(keep?: (pod: Pod) => Pod): Promise<Pod[]>;
  /** Lists the pods of a namespace that a label selector selects. */
  listPodsSelected(namespace: string, selector: string): Promise<Pod[]>;
  listNamespaces(): Promise<Namespace[]>;
  readNamespace(name: string): Promise<Namespace | undefined>;
  readClusterRole(name: string): Promise<ClusterRole | undefined>;
  /** Reads an owner of pods; undefined when it is gone, or keeps no number of pods. */
  readWorkload(namespace: string, owner: OwnerName): Promise<Workload | undefined>;
  /**
   * Restarts a Deployment's pods as `kubectl rollout restart` does, by an annotation of their template. One that was
   * changed since it was read is a KubeError for which `isConflict` is true.
   */
  restartRollout(namespace: string, name: string, seen: SeenRollout, time: string): Promise<void>;
  readDaemonSet(namespace: string, name: string): Promise<DaemonSet | undefined>;
  evictPod(pod: PodIdentity, gracePeriodSeconds: number | undefined): Promise<EvictionAnswer>;
  /** Deletes a pod past its budgets; "absent" when it is gone or another pod has its name. */
  deletePod(pod: PodIdentity, gracePeriodSeconds: number): Promise<"deleted" | "absent">;
  /** Creates a Job, whose name is its own; that it is there already is success. */
  createJob(namespace: string, name: string, job: object): Promise<void>;
  readJob(namespace: string, name: string): Promise<Job | undefined>;
  listBudgets(): Promise<Budget[]>;
  /** Follows all budgets; one watch serves all who follow at the same time. Throws KubeError when list or watch is refused. */
  followBudgets(): Promise<Followed<Budget>>;
  listVolumeAttachments(): Promise<VolumeAttachment[]>;
  readVolumeClaim(namespace: string, name: string): Promise<VolumeClaim | undefined>;
  listVolumeClaims(): Promise<VolumeClaim[]>;
  listVolumes(): Promise<Volume[]>;

  /**
   * Asks a service by GET through the API server; `name` is the service's, `name:port` or `https:name:port`, `path` begins
   * with a slash. Throws KubeError when the API server does not get that far, as where the service has no endpoint.
   */
  askService(namespace: string, name: string, path: string): Promise<HttpAnswer>;

  /** Reads a ConfigMap's data; undefined when it is absent. */
  readConfigMap(namespace: string, name: string): Promise<Record<string, string> | undefined>;
  createBootstrapToken(token: BootstrapTokenRequest): Promise<void>;
  /** Deletes a bootstrap token; absent is success. */
  deleteBootstrapToken(tokenId: string): Promise<void>;
  /** Lists the requests of the last hour, approved or not; the cluster removes older ones. */
  listCertificateRequests(): Promise<CertificateRequest[]>;
}
