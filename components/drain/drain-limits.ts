// When a drain gives up, and what it then says.
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { podKey } from "./pod-filters.ts";
import { currentGroup } from "./pod-rules.ts";
import { type LedgerEntry, remarkOn } from "./pod-state.ts";
import { count, DrainError } from "./report.ts";

/** Throws before the first eviction when a pod is refused, later when nothing is left whose turn it is and that can go. */
export function throwIfStuck(context: DrainContext, ledger: Ledger): void {
  const remaining = ledger.remaining;
  if (!ledger.hasActed) throwIfRefused(context, remaining);
  const group = currentGroup(remaining);
  const hopeless = group.filter((entry) => isHopeless(context, entry));
  if (hopeless.length < group.length) return;
  const cause = `${count(hopeless.length, "pod")} cannot be evicted`;
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
export function timeIsOver(context: DrainContext, ledger: Ledger): DrainError {
  const seconds = context.policy.timeoutSeconds;
  const remaining = ledger.fault === undefined ? ledger.remaining : [];
  const more = "Remove the cause or raise drain.timeoutSeconds, then run again.";
  const remedy = `${nodeStateAfterFailure(context)} ${remedyFor(remaining) ?? more}`;
  if (remaining.length === 0) {
    const fault = ledger.fault ?? "the last one left too late to be confirmed";
    const cause = `after ${seconds} s its pods are unknown: ${fault}`;
    return new DrainError(context.nodeName, cause, [], remedy);
  }
  const cause = `${count(remaining.length, "pod")} still there after ${seconds} s`;
  return new DrainError(context.nodeName, cause, remaining.map(remarkOn), remedy);
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
