// How a Deployment replaces its pods, out of the object as the server gives it; and its restart. Pure.
import type { V1Deployment } from "@kubernetes/client-node";
import type { Rollout, SeenRollout } from "./api.ts";

// kubectl's: k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go.
const restartedAt = "kubectl.kubernetes.io/restartedAt";

/** Reads how a Deployment replaces its pods. */
export function readRollout({ metadata, spec, status }: V1Deployment): Rollout {
  const restarted = spec?.template.metadata?.annotations?.[restartedAt];
  const stalled = status?.conditions?.find(
    ({ type, status: is }) => type === "Progressing" && is === "False",
  );
  return {
    version: metadata?.resourceVersion ?? "",
    isObserved: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    isPaused: spec?.paused === true,
    ...readStrategy(spec),
    ...(restarted !== undefined && { restartedAt: restarted }),
    ...(stalled && { stalled: stalled.message || stalled.reason || "it makes no progress" }),
  };
}

// Kubernetes' default of both (pkg/apis/apps/v1/defaults.go).
const share = "25%";

/** Counts as the cluster does: the surge rounded up, what may be unavailable rounded down, and never both 0. */
function readStrategy(spec: V1Deployment["spec"]): Pick<Rollout, "surge" | "unavailable"> {
  const { replicas = 1, strategy } = spec ?? {};
  if (strategy?.type === "Recreate") return { surge: 0, unavailable: replicas };
  const { maxSurge = share, maxUnavailable = share } = strategy?.rollingUpdate ?? {};
  const surge = countOf(maxSurge, replicas, Math.ceil);
  const unavailable = countOf(maxUnavailable, replicas, Math.floor);
  return { surge, unavailable: surge + unavailable === 0 ? 1 : unavailable };
}

function countOf(value: number | string, replicas: number, round: (share: number) => number): number {
  if (typeof value === "number") return value;
  const percent = Number(/^(\d+)%$/.exec(value)?.[1] ?? 0);
  return round((percent * replicas) / 100);
}

/** Returns the merge patch that restarts the pods of a Deployment as it was read. */
export function restartPatch({ uid, version }: SeenRollout, time: string): object {
  const template = { metadata: { annotations: { [restartedAt]: time } } };
  return { metadata: { uid, resourceVersion: version }, spec: { template } };
}
