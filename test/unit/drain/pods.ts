// Pods and budgets for the tables of this folder: plain data with defaults.
import type { Budget, Pod } from "../../../components/kube/api.ts";

/** What a pod differs in from a running pod of a ReplicaSet in namespace `shop`. */
export interface PodTraits {
  readonly owner?:
    | { kind: string; apiVersion?: string; name?: string; uid?: string; controller?: boolean }
    | "none";
  readonly phase?: string;
  readonly emptyDir?: "disk" | "memory";
  readonly mirror?: boolean;
  /** Seconds since 1970. */
  readonly deletedAt?: number;
  readonly labels?: Record<string, string>;
  readonly priority?: number;
  readonly tolerations?: NonNullable<Pod["spec"]>["tolerations"];
  /** Seconds; the pod's own. */
  readonly grace?: number;
  /** The pod's Ready condition; none when absent. */
  readonly ready?: boolean;
}

/** Builds a pod. */
export function pod(name: string, traits: PodTraits = {}): Pod {
  const { owner = { kind: "ReplicaSet" }, phase = "Running", emptyDir, mirror, deletedAt, labels } = traits;
  const { priority, tolerations, grace, ready } = traits;
  const medium = emptyDir === "memory" ? { medium: "Memory" } : {};
  return {
    metadata: {
      name,
      namespace: "shop",
      uid: `uid-of-${name}`,
      labels: labels ?? { app: "web" },
      ...(mirror && { annotations: { "kubernetes.io/config.mirror": "" } }),
      ...(deletedAt !== undefined && { deletionTimestamp: new Date(deletedAt * 1000) }),
      ...(owner !== "none" && {
        ownerReferences: [{ apiVersion: "apps/v1", name: "web", uid: "1", controller: true, ...owner }],
      }),
    },
    spec: {
      containers: [],
      ...(emptyDir && { volumes: [{ name: "scratch", emptyDir: medium }] }),
      ...(priority !== undefined && { priority }),
      ...(tolerations && { tolerations }),
      ...(grace !== undefined && { terminationGracePeriodSeconds: grace }),
    },
    status: {
      phase,
      ...(ready !== undefined && { conditions: [{ type: "Ready", status: ready ? "True" : "False" }] }),
    },
  };
}

/** Builds a budget of namespace `shop` that selects `app: web` unless its spec says otherwise. */
export function budget(name: string, spec: Budget["spec"], status: Partial<Budget["status"]> = {}): Budget {
  return {
    metadata: { name, namespace: "shop", generation: 1 },
    spec: { selector: { matchLabels: { app: "web" } }, ...spec },
    status: {
      currentHealthy: 0,
      desiredHealthy: 0,
      disruptionsAllowed: 0,
      expectedPods: 0,
      observedGeneration: 1,
      ...status,
    },
  };
}
