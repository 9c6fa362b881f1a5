// When a drain gives up, and what it then says.
import { DrainError } from "./drain-error.ts";
import { type DrainRun, remarkOn, type TrackedPod } from "./drain-run.ts";
import { podKey } from "./pod-filters.ts";
import { count } from "./report.ts";
import { currentGroup } from "./turns.ts";

/** Throws before the first eviction when a pod is refused, later when nothing but lost causes is left whose turn it is. */
export function assertHope(run: DrainRun, tracked: readonly TrackedPod[]): void {
  const refused = tracked.filter(({ verdict }) => verdict.action === "refuse");
  if (refused.length > 0 && run.evicted.size === 0 && run.asked.size === 0) {
    const remarks = refused.flatMap(({ pod, verdict }) =>
      verdict.refusals.map((reason) => ({ reason, pod: podKey(pod) })),
    );
    const cause = `${count(refused.length, "pod")} may not be evicted, so none was`;
    throw new DrainError(run.nodeName, cause, remarks, `${aftermath(run)} Allow it or move them.`);
  }
  const group = currentGroup(tracked);
  const lost = group.filter((entry) => isLost(run, entry));
  if (lost.length < group.length) return;
  const cause = `${count(lost.length, "pod")} cannot be evicted`;
  const others = group.length === tracked.length ? "All other pods are gone" : "Pods of a later order stay";
  const remedy = `${others}. ${aftermath(run)} Remove the cause and run again.`;
  throw new DrainError(run.nodeName, cause, lost.map(remarkOn), remedy);
}

/** Where pods are deleted in the end, only a refusal is final, and a pod that is created again and again. */
function isLost(run: DrainRun, { verdict, tries }: TrackedPod): boolean {
  if (verdict.action === "refuse" || tries.isLoop) return true;
  return tries.hopeless !== undefined && run.policy.onTimeout !== "deletePods";
}

/** Returns the error of a drain whose time is over. */
export function timeIsOver(run: DrainRun, tracked: readonly TrackedPod[] | undefined): DrainError {
  const seconds = run.policy.timeoutSeconds;
  const remedy = `${aftermath(run)} Remove the cause or raise drain.timeoutSeconds, then run again.`;
  if (!tracked?.length) {
    const fault = run.fault ?? "the last one went too late to be sure of it";
    const cause = `after ${seconds} s its pods are unknown: ${fault}`;
    return new DrainError(run.nodeName, cause, [], remedy);
  }
  const cause = `${count(tracked.length, "pod")} still there after ${seconds} s`;
  return new DrainError(run.nodeName, cause, tracked.map(remarkOn), remedy);
}

/** Says how a failed drain leaves the Node. */
export function aftermath({ restores }: DrainRun): string {
  return restores ? "The Node is schedulable again." : "The Node stays cordoned.";
}
