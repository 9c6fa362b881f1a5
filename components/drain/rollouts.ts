// Which Deployment's rollout can start a pod's successor before the pod itself ends, and what has to be done for that. Pure
// but for findRollout.
import type { KubeApi, Pod, Workload } from "../kube/api.ts";
import { readTime } from "../model/clock.ts";
import { podController } from "./pod-filters.ts";

/** The Deployment of a pod, as it was read. */
export interface PodRollout {
  /** Of the Deployment. */
  readonly name: string;
  readonly deployment: Workload;
  /** Revision of the Deployment that the pod belongs to. */
  readonly revision: string | undefined;
}

/** Reads the Deployment of a pod; undefined when no Deployment keeps it. Throws KubeError. */
export async function findRollout(
  api: Pick<KubeApi, "readWorkload">,
  pod: Pod,
): Promise<PodRollout | undefined> {
  const controller = podController(pod);
  const namespace = pod.metadata?.namespace ?? "";
  if (controller === undefined || !isReplicaSet(controller)) return undefined;
  const replicaSet = await api.readWorkload(namespace, controller);
  const maker = replicaSet?.uid === controller.uid ? replicaSet.controller : undefined;
  if (maker?.kind !== "Deployment" || maker.apiVersion !== "apps/v1") return undefined;
  const deployment = await api.readWorkload(namespace, maker);
  if (deployment?.uid !== maker.uid) return undefined;
  return { name: maker.name, deployment, revision: replicaSet?.revision };
}

function isReplicaSet({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): boolean {
  return apiVersion === "apps/v1" && kind === "ReplicaSet";
}

/** Says why no rollout can start a pod's successor first; undefined when one can. */
export function whyNoRollout(pod: Pod, rollout: PodRollout | undefined): string | undefined {
  if (rollout !== undefined) return whyNotNow(rollout);
  const controller = podController(pod);
  if (controller === undefined) return "pods without a controller, which nothing starts anew";
  switch (controller.kind) {
    case "StatefulSet":
      return "pods of a StatefulSet, which starts none before the former one has ended";
    case "DaemonSet":
      return "pods of a DaemonSet, which belong to their node";
    case "ReplicaSet":
      return "pods of a ReplicaSet without a Deployment, which has no rollout";
    default:
      return `pods of a ${controller.kind}, which is no Deployment`;
  }
}

/** Says why a Deployment's rollout cannot start new pods first as it is declared now. */
function whyNotNow({ name, deployment: { rollout } }: PodRollout): string | undefined {
  if (rollout?.isPaused)
    return `pods of Deployment ${name}, which is paused ("kubectl rollout resume" ends that)`;
  if (rollout?.surge === 0)
    return `pods of Deployment ${name}, whose rollouts start no pod before one has ended (maxSurge 0, or Recreate)`;
  return undefined;
}

/** What a drain does next for the pods of one revision. */
type RolloutStep =
  /** They belong to the present revision, and go only by another one. */
  | { readonly kind: "restart" }
  /** A rollout ends them, which is under way or about to be. */
  | { readonly kind: "wait" }
  /** They will not go by a rollout. */
  | { readonly kind: "give-up"; readonly why: string };

/** What is known of a Deployment's restarts by this drain. */
interface FormerRestart {
  /** This process has restarted it. */
  readonly isOurs: boolean;
  /** When the drain began, if another process did; seconds since 1970. */
  readonly resumedFrom: number | undefined;
}

/**
 * Decides about pods that are on the node still. That a restart has begun is seen on the Deployment itself: its revision
 * is another one than theirs then, whoever began it.
 */
export function nextStep(found: PodRollout, former: FormerRestart): RolloutStep {
  const { name, deployment, revision } = found;
  const { rollout } = deployment;
  if (rollout === undefined || deployment.isEnding || !rollout.isObserved) return { kind: "wait" };
  const fault = whyNotNow(found);
  if (revision !== deployment.revision) {
    if (rollout.isPaused && fault !== undefined) return { kind: "give-up", why: fault };
    if (rollout.stalled === undefined) return { kind: "wait" };
    return { kind: "give-up", why: `the rollout of Deployment ${name} is stuck: ${rollout.stalled}` };
  }
  if (fault !== undefined) return { kind: "give-up", why: fault };
  if (hasBeenRestarted(rollout.restartedAt, former))
    return {
      kind: "give-up",
      why: `Deployment ${name} was restarted, and its new pods came to this cordoned node again`,
    };
  return { kind: "restart" };
}

/** What others wrote before this drain may have any time, so that it counts only where a killed run may have written it. */
function hasBeenRestarted(at: string | undefined, { isOurs, resumedFrom }: FormerRestart): boolean {
  const time = readTime(at);
  return isOurs || (resumedFrom !== undefined && time !== undefined && time >= resumedFrom);
}
