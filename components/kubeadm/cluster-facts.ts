// What is known of cluster and declaration when a host is judged. Pure.

/** Holds what is known of the cluster and of the declaration when a host is judged. */
export interface ClusterFacts {
  readonly nodeName: string;
  /** The stack, as `organization/project/stack`. */
  readonly owner: string;
  /** Pins of the cluster's certificate authorities. */
  readonly caHashes: readonly string[];
  /** Version of the API server. */
  readonly serverVersion: string;
  /** The Node that has the declared name now. */
  readonly node?: KnownNode;
  /** Nodes other than the declared one that have the host's machine-id. @defaultValue none */
  readonly twins?: readonly TwinNode[];
  /** The cluster's kubelets tolerate swap (`failSwapOn: false` in ConfigMap kube-system/kubelet-config). @defaultValue false */
  readonly swapAllowed?: boolean;
  /** What else its kubelets demand of a host, by ConfigMap kube-system/kubelet-config. @defaultValue nothing */
  readonly demands?: KubeletDemands;
  /** This machine's time when the host told its own. */
  readonly now: Date;
}

/** Holds what a kubelet does not run without. */
export interface KubeletDemands {
  /** `failCgroupV1`, where it is said. */
  readonly failCgroupV1?: boolean;
  /** `protectKernelDefaults`: the kubelet ends where the kernel's settings are not as it wants them. */
  readonly protectKernelDefaults?: true;
  /** The file of `resolvConf`, where the host does not have it. */
  readonly missingResolvConf?: string;
}

/** Holds what a judgement needs of a Node. */
export interface KnownNode {
  readonly machineId: string;
  readonly ready: boolean;
  /** Value of the owner annotation. */
  readonly owner?: string;
  readonly controlPlane: boolean;
}

/** A Node other than the declared one that has the host's machine-id. */
export interface TwinNode {
  readonly name: string;
  /** Its host had this machine-id itself when this stack enrolled it. */
  readonly isEnrolled: boolean;
}
