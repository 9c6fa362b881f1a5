// The state of one pod during a drain, and what is said of it. Pure.
import type { Pod } from "../kube/api.ts";
import type { PodVerdict } from "./classify.ts";
import { podKey } from "./pod-filters.ts";
import type { PodRemark } from "./report.ts";

/** How far a pod is. Times are in seconds since 1970. */
export type PodState =
  /** Not asked for yet; `why` names what goes before it. */
  | { readonly kind: "waiting"; readonly why?: string }
  /** Cannot go for now: a budget has nothing left, or the server refused. Asked for again from `retryAt` on. */
  | {
      readonly kind: "held";
      readonly why: string;
      readonly since: number;
      readonly retryAt: number;
      /** Transient failures in a row. */
      readonly failures: number;
      readonly isByBudget: boolean;
      /** Set when a budget holds it and no node is left on which the budget's pods could start anew. */
      readonly isStranded?: true;
    }
  /** A request is under way; `before` is what it was until then. */
  | { readonly kind: "asked"; readonly before: Exclude<PodState, { kind: "asked" }> }
  /** The server accepted the eviction, or the pod was gone; asked for again from `retryAt` on if it is still there. */
  | { readonly kind: "evicted"; readonly retryAt: number }
  /** Deleted past its budgets; `fault` says why that failed the last time. Deleted again from `retryAt` on. */
  | { readonly kind: "deleting"; readonly retryAt: number; readonly fault?: string }
  /** Its Deployment is restarted; `why` says how far its rollout is. */
  | { readonly kind: "restarting"; readonly why: string }
  /** Asking again cannot help. A loop is a pod whose controller puts it back onto the node each time. */
  | { readonly kind: "hopeless"; readonly why: string; readonly isLoop: boolean };

/** A pod that has to go, as last seen. */
export interface LedgerEntry {
  readonly uid: string;
  readonly pod: Pod;
  readonly verdict: PodVerdict;
  readonly state: PodState;
}

/** A pod on the node, and what is to be done with it. */
export interface ObservedPod {
  readonly pod: Pod;
  readonly verdict: PodVerdict;
}

/** Returns since when a budget or the server holds a pod, in seconds since 1970; undefined when nothing does. */
export function heldSince({ state }: LedgerEntry): number | undefined {
  const settled = state.kind === "asked" ? state.before : state;
  return settled.kind === "held" ? settled.since : undefined;
}

/** Says why a pod is still on the node. */
export function remarkOn({ pod, verdict, state }: LedgerEntry): PodRemark {
  const settled = state.kind === "asked" ? state.before : state;
  return { reason: explain(verdict, settled), pod: podKey(pod) };
}

function explain(verdict: PodVerdict, state: PodState): string {
  if (state.kind === "deleting" && state.fault) return state.fault;
  if (state.kind === "hopeless") return state.why;
  if (verdict.action === "refuse") return verdict.refusals[0] ?? "";
  if (verdict.action === "wait") return verdict.awaited;
  if ((state.kind === "waiting" || state.kind === "restarting") && state.why) return state.why;
  if (verdict.action === "restart") return "its Deployment is about to be restarted";
  if (state.kind !== "held") return "being evicted";
  return state.isStranded ? `${state.why}, and no node is left that takes its pods` : state.why;
}
