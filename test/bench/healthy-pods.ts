// Counts the healthy pods of each application as the server's events tell, and the moments with too few. Pure.
import type { V1Pod } from "@kubernetes/client-node";
import { appLabel } from "./manifests.ts";

/** What was seen of the pods of a population. */
export interface PodSightings {
  /** Events of pods. */
  readonly events: number;
  /** Events after which an application had fewer healthy pods than its budget wants. */
  readonly violations: number;
  /** Events after which an application had exactly as many as its budget wants: the budget was used to the full. */
  readonly atLimit: number;
  /** The first violation in words. */
  readonly firstViolation?: string;
}

/** Follows the pods of a population. */
export interface HealthyPods {
  /** Takes the next event; the events of one watch come in the order in which the server wrote them. */
  see(phase: string, pod: V1Pod): void;
  sightings(): PodSightings;
}

/** Begins to count; `desired` is how many healthy pods the budget of each application wants, by name. */
export function countHealthyPods(desired: ReadonlyMap<string, number>): HealthyPods {
  const healthy = new Map<string, Set<string>>();
  let [events, violations, atLimit] = [0, 0, 0];
  let firstViolation: string | undefined;
  return {
    see: (phase, pod) => {
      const name = pod.metadata?.labels?.[appLabel] ?? "";
      const uids = healthy.get(name) ?? new Set();
      healthy.set(name, uids);
      const before = uids.size;
      if (phase !== "DELETED" && isHealthy(pod)) uids.add(pod.metadata?.uid ?? "");
      else uids.delete(pod.metadata?.uid ?? "");
      events += 1;
      const wanted = desired.get(name) ?? 0;
      // Only a loss can break a budget: a population that is still being counted has broken none.
      if (uids.size >= before) return;
      if (uids.size === wanted) atLimit += 1;
      if (uids.size >= wanted) return;
      violations += 1;
      firstViolation ??= `${name}: ${uids.size} healthy, ${wanted} wanted`;
    },
    sightings: () => ({
      events,
      violations,
      atLimit,
      ...(firstViolation !== undefined && { firstViolation }),
    }),
  };
}

/** Tells whether the disruption controller counts the pod as healthy: Ready and not on its way out. */
function isHealthy(pod: V1Pod): boolean {
  if (pod.metadata?.deletionTimestamp !== undefined) return false;
  return pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
