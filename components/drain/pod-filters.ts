// Questions about one pod, in the words of kubectl drain. Pure.
import type { OwnerReference, Pod, PodIdentity } from "../kube/api.ts";
import { readTime } from "../model/clock.ts";

/** Returns a pod's name as people write it: `namespace/name`. */
export function podKey(pod: Pod): string {
  return `${pod.metadata?.namespace}/${pod.metadata?.name}`;
}

/** Returns what identifies a pod for ever. */
export function podIdentity(pod: Pod): PodIdentity {
  const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
  return { namespace, name, uid };
}

/** Returns the owner that creates the pod again; an owner without `controller: true` does not. */
export function podController(pod: Pod): OwnerReference | undefined {
  return pod.metadata?.ownerReferences?.find((owner) => owner.controller === true);
}

/** Tells whether some controller creates the pod again; its existence is not checked (as in kubectl). */
export function hasController(pod: Pod): boolean {
  return podController(pod) !== undefined;
}

/**
 * Tells whether a DaemonSet made the pod:
 * - its controller is of kind DaemonSet
 * - and of group apps/v1; look-alikes such as apps.kruise.io are ordinary controllers.
 */
export function isDaemonSetPod(pod: Pod): boolean {
  const owner = podController(pod);
  return owner?.kind === "DaemonSet" && owner.apiVersion === "apps/v1";
}

/** Tells whether the kubelet runs the pod from a file, so that the API can not delete it. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata?.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}

/** Tells whether the pod has ended for good. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

/** Tells whether the pod's deletion has been accepted. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** Tells whether the pod is Ready. */
export function isReadyPod(pod: Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** Tells whether the pod serves and will go on to: it is Ready, and nobody has asked it to go. */
export function isServing(pod: Pod): boolean {
  return isReadyPod(pod) && !isTerminating(pod) && !isFinished(pod);
}

/** Tells whether the pod waits for a node. */
export function isUnplaced(pod: Pod): boolean {
  return pod.status?.phase === "Pending" && pod.spec?.nodeName === undefined && !isTerminating(pod);
}

/**
 * Tells whether the pod runs to an end: whatever keeps a number of pods has them restarted always, so that a pod of
 * which this is not so belongs to a Job, a Workflow or the like, or to a pod that started it.
 */
export function isWork({ spec }: Pod): boolean {
  return spec?.restartPolicy === "Never" || spec?.restartPolicy === "OnFailure";
}

/** Returns when the pod should be gone, its grace included, in seconds since 1970; undefined when it is not terminating. */
export function deletionDue(pod: Pod): number | undefined {
  return readTime(pod.metadata?.deletionTimestamp);
}

/** Tells whether the pod should have been gone more than `seconds` before `now`, in seconds since 1970. */
export function isDeletionOverdue(pod: Pod, now: number, seconds: number): boolean {
  const due = deletionDue(pod);
  return due !== undefined && due + seconds < now;
}

/** Tells whether the pod tolerates a taint (kubernetes pkg/apis/core/v1/toleration.go ToleratesTaint). */
export function tolerates(pod: Pod, taint: { key: string; value?: string; effect: string }): boolean {
  return (pod.spec?.tolerations ?? []).some(({ key, operator, value = "", effect }) => {
    if (effect && effect !== taint.effect) return false;
    if (key && key !== taint.key) return false;
    return operator === "Exists" || value === (taint.value ?? "");
  });
}

/** Tells whether the pod keeps data in an emptyDir, on disk or in memory, that is lost with it. */
export function hasEmptyDir(pod: Pod): boolean {
  return pod.spec?.volumes?.some((volume) => volume.emptyDir !== undefined) ?? false;
}

/**
 * Tells whether the server asks the pod's budgets before it evicts it:
 * - not finished and not pending
 * - and not terminating already.
 */
export function isProtectedByBudgets(pod: Pod): boolean {
  return !isFinished(pod) && pod.status?.phase !== "Pending" && !isTerminating(pod);
}

/** Names who made the pod, such as `Deployment cart`; a ReplicaSet of a Deployment is named by the Deployment. */
export function podOwner(pod: Pod): string {
  const owner = podController(pod);
  if (!owner) return `Pod ${pod.metadata?.name}`;
  const hash = pod.metadata?.labels?.["pod-template-hash"];
  if (owner.kind === "ReplicaSet" && hash && owner.name.endsWith(`-${hash}`))
    return `Deployment ${owner.name.slice(0, -hash.length - 1)}`;
  return `${owner.kind} ${owner.name}`;
}

/** Names a pod's owner with its namespace, such as `shop/Deployment cart`. */
export function ownerKey(pod: Pod): string {
  return `${pod.metadata?.namespace}/${podOwner(pod)}`;
}

/** Names the claims of a pod; one of an ephemeral volume is named by pod and volume. */
export function claimNames(pod: Pod): string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return isEphemeral(volume) ? [`${pod.metadata?.name}-${volume.name}`] : [];
  });
}

type PodVolume = NonNullable<NonNullable<Pod["spec"]>["volumes"]>[number];

/** Tells whether the volume is created and deleted with its pod. */
export function isEphemeral(volume: PodVolume): boolean {
  return volume.ephemeral !== undefined;
}
