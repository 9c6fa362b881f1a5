// What a drain remembers between its looks at the node: its limits, and the tries for each pod by uid.
import type { EvictionAnswer, KubeApi, Pod } from "../kube/api.ts";
import type { DrainPolicy } from "../model/drain-policy.ts";
import { describeAnswer } from "./blocking-text.ts";
import type { PodVerdict } from "./classify.ts";
import type { Clock } from "./clock.ts";
import { podKey } from "./pod-filters.ts";
import type { PodRemark } from "./report.ts";

/** The calls that a drain makes. */
export type DrainApi = Pick<
  KubeApi,
  | "readNode"
  | "changeNode"
  | "listPodsOnNode"
  | "readDaemonSet"
  | "evictPod"
  | "listBudgets"
  | "listVolumeAttachments"
  | "readVolumeClaim"
>;

/** A pod as last seen on the node, and what came of the tries to evict it. */
export interface TrackedPod {
  readonly pod: Pod;
  readonly verdict: PodVerdict;
  readonly tries: Tries;
}

/** Counts the tries to evict one pod. */
export interface Tries {
  /** Milliseconds since 1970; not tried again before. */
  nextAt: number;
  /** Transient failures in a row. */
  failures: number;
  lastAnswer?: EvictionAnswer;
  /** Set when trying again cannot help: why. */
  hopeless?: string;
}

/** One drain of one node. */
export interface DrainRun {
  readonly api: DrainApi;
  readonly nodeName: string;
  readonly policy: DrainPolicy;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (text: string) => void;
  readonly nodeUnreachable: boolean;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly tries: Map<string, Tries>;
  /** All pods seen that must go, by uid: the last sight of each. */
  readonly seen: Map<string, Pod>;
  /** Pods that stay on the node, by uid. */
  readonly staying: Map<string, Pod>;
  readonly daemonSets: Map<string, boolean>;
  /** Uids whose eviction the server has accepted. */
  readonly evicted: Set<string>;
  readonly warnings: Map<string, PodRemark>;
  /** Why the last list of pods failed, until one succeeds. */
  lastListFailure: string | undefined;
}

/** Returns the tries for a pod, beginning with none. */
export function triesOf(run: DrainRun, uid: string): Tries {
  const known = run.tries.get(uid);
  if (known) return known;
  const fresh: Tries = { nextAt: 0, failures: 0 };
  run.tries.set(uid, fresh);
  return fresh;
}

/** Returns the time since the drain began, in whole seconds. */
export function secondsSince(run: DrainRun): number {
  return Math.round((run.clock.now() - run.startedAt) / 1000);
}

/** Tells whether the policy's time is over. */
export function isOver(run: DrainRun): boolean {
  return run.clock.now() - run.startedAt >= run.policy.timeoutSeconds * 1000;
}

/** Says why a pod is still on the node. */
export function remarkOn({ pod, verdict, tries }: TrackedPod): PodRemark {
  const reason =
    tries.hopeless ??
    verdict.refusals[0] ??
    (verdict.action === "wait"
      ? "terminating, but not gone"
      : describeAnswer(pod.metadata?.namespace ?? "", tries.lastAnswer));
  return { reason: reason ?? "not yet evicted", pod: podKey(pod) };
}
