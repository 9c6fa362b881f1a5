// When a drain gives up, and what it then says.
import type { Node } from "../kube/api.ts";
import { readNodeReady } from "../kube/node-ready.ts";
import { writeTime } from "../model/clock.ts";
import { oneLine } from "../model/foreign-text.ts";
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { deletionDue, podKey } from "./pod-filters.ts";
import { currentGroup } from "./pod-rules.ts";
import { type LedgerEntry, remarkOn } from "./pod-state.ts";
import { count, DrainError, listNames, type PodRemark } from "./report.ts";

/** Throws before the first eviction when a pod is refused, later when nothing is left whose turn it is and that can go. */
export function throwIfStuck(context: DrainContext, ledger: Ledger): void {
  const remaining = ledger.remaining;
  if (!ledger.hasActed) throwIfRefused(context, remaining);
  const group = currentGroup(remaining);
  const hopeless = group.filter((entry) => isHopeless(context, entry));
  if (hopeless.length < group.length) return;
  const isByRollout = hopeless.every(({ verdict }) => verdict.action === "restart");
  const cause = `${count(hopeless.length, "pod")} cannot be ${isByRollout ? "moved by a rollout" : "evicted"}`;
  const others =
    group.length === remaining.length ? "All other pods are gone." : "The pods whose turn comes later stay.";
  const remedy = `${others} ${nodeStateAfterFailure(context)} ${remedyFor(hopeless) ?? "Remove the cause and run again."}`;
  throw new DrainError(context.nodeName, cause, hopeless.map(remarkOn), remedy);
}

function throwIfRefused(context: DrainContext, remaining: readonly LedgerEntry[]): void {
  const refused = remaining.filter(({ verdict }) => verdict.action === "refuse");
  if (refused.length === 0) return;
  const remarks = refused.flatMap(({ pod, verdict }) =>
    verdict.action === "refuse" ? verdict.refusals.map((reason) => ({ reason, pod: podKey(pod) })) : [],
  );
  const evicted = context.isResumed ? "none was evicted in this run" : "no pod was evicted";
  const cause = `${count(refused.length, "pod")} may not be evicted; ${evicted}`;
  const remedy = `${nodeStateAfterFailure(context)} Allow their eviction or move them.`;
  throw new DrainError(context.nodeName, cause, remarks, remedy);
}

/** Where pods are deleted in the end, only a refusal is final, and a pod that is created again and again. */
function isHopeless({ policy }: DrainContext, { verdict, state }: LedgerEntry): boolean {
  if (verdict.action === "refuse") return true;
  if (state.kind === "hopeless" && state.isLoop) return true;
  if (policy.onTimeout === "deletePods") return false;
  return state.kind === "hopeless" || (state.kind === "held" && state.isStranded === true);
}

/** Returns the error of a drain whose time is over. */
export function timeIsOver(context: DrainContext, ledger: Ledger, node: Node): DrainError {
  const seconds = context.policy.timeoutSeconds;
  const remaining = ledger.fault === undefined ? ledger.remaining : [];
  const more = "Remove the cause or raise drain.timeoutSeconds, then run again.";
  const remedy = `${nodeStateAfterFailure(context)} ${remedyFor(remaining) ?? more}`;
  if (remaining.length === 0) {
    const fault = ledger.fault ?? "the last one left too late to be confirmed";
    const cause = `after ${seconds} s its pods are unknown: ${fault}`;
    return new DrainError(context.nodeName, cause, [], remedy);
  }
  const trouble = describeTrouble(node);
  const cause = `${count(remaining.length, "pod")} still there after ${seconds} s${trouble && `, and ${trouble}`}`;
  const now = context.clock.now();
  const remarks = remaining.map((entry) => remarkOnDeletion(entry, now) ?? remarkOn(entry));
  return new DrainError(context.nodeName, cause, remarks, remedy);
}

/** A kubelet that cannot end pods says so of its Node, as when the container runtime is down. */
function describeTrouble(node: Node): string {
  const ready = readNodeReady(node);
  if (ready === undefined || ready.status === "True") return "";
  const said = ready.message ? `: ${oneLine(ready.message)}` : "";
  return ready.status === "False"
    ? `the node is not Ready${said}`
    : `the node's kubelet does not report${said}`;
}

/** Says what a pod that is deleted already still waits for, where that is known: its grace, or whoever keeps its object. */
function remarkOnDeletion({ pod }: LedgerEntry, now: number): PodRemark | undefined {
  const due = deletionDue(pod);
  const { finalizers = [] } = pod.metadata ?? {};
  if (due === undefined || (due <= now && finalizers.length === 0)) return undefined;
  const reason =
    due > now
      ? `terminating, and by its own grace it may take until ${writeTime(due)} (drain.gracePeriodSeconds shortens that)`
      : `deleted, but kept by its finalizers ${listNames(finalizers)}: whoever set them has to remove them`;
  return { reason, pod: podKey(pod) };
}

/** Says what helps when a budget waits for pods that can start nowhere: time alone does not. */
function remedyFor(entries: readonly LedgerEntry[]): string | undefined {
  if (!entries.some(({ state }) => state.kind === "held" && state.isStranded)) return undefined;
  return "Every node that could take their pods is cordoned. Scale their owners down or delete the budgets, or declare drain.onTimeout: deletePods, then run again.";
}

/** Says how a failed drain leaves the Node. */
export function nodeStateAfterFailure({ restores }: DrainContext): string {
  return restores ? "The Node is schedulable again." : "The Node stays cordoned.";
}
