// What a run did to one pool, as data and in one line. Pure.
// Tools read these objects (docs/drain.md, "What a run has done"): fields may be added, never renamed or removed.
import type { OwnerShortage } from "../../drain/outcome.ts";
import { count, listNames } from "../../drain/report.ts";
import { writeAmount } from "../../model/quantity.ts";

/** What a run did to one pool. */
export interface PoolOutcome {
  readonly pool: string;
  /** From before the first cordon to the end. */
  readonly seconds: number;
  /** The nodes that were drained, sorted. */
  readonly nodes: readonly string[];
  /** How many pods were told to go. */
  readonly moved: number;
  /** How many of them had to wait for a budget. */
  readonly waited: number;
  /** How many were deleted past their budgets. */
  readonly pastBudgets: number;
  /** Owners that had fewer Ready pods than before, the longest first. */
  readonly shortages: readonly OwnerShortage[];
  /** The pool's nodes that stay and take pods, and what of them no pod requests. */
  readonly headroom: {
    readonly nodes: number;
    readonly resources: readonly { readonly resource: string; readonly free: number; readonly of: number }[];
  };
}

/** Says it; `pending` is how many pods of the cluster are without a node and were not before. */
export function sayOutcome(outcome: PoolOutcome, pending: number): string {
  const { pool, seconds, nodes } = outcome;
  const parts = [
    sayMoved(outcome),
    sayShortages(outcome),
    pending === 0 ? "no pod is without a node that had one" : `${count(pending, "pod")} without a node now`,
    sayHeadroom(outcome),
  ];
  return `pool ${pool}, ${seconds} s: ${count(nodes.length, "node")} drained (${listNames(nodes)}); ${parts.join("; ")}`;
}

function sayMoved({ moved, waited, pastBudgets }: PoolOutcome): string {
  const budgets = [
    ...(waited > 0 ? [`${waited} waited for budgets`] : []),
    pastBudgets > 0 ? `${pastBudgets} DELETED PAST THEIR BUDGETS` : "no budget was bypassed",
  ];
  return `${count(moved, "pod")} moved, ${budgets.join(", ")}`;
}

function sayShortages({ shortages }: PoolOutcome): string {
  const [longest] = shortages;
  if (longest === undefined) return "no owner had fewer Ready pods than before";
  const short = shortages.filter(({ missing }) => missing > 0);
  const still =
    short.length > 0
      ? `, and STILL SHORT: ${listNames(short.map(({ owner, missing }) => `${owner} by ${missing}`))}`
      : "";
  return `longest with fewer Ready pods than before: ${longest.owner} ${longest.seconds} s${still}`;
}

function sayHeadroom({ headroom: { nodes, resources } }: PoolOutcome): string {
  const amounts = resources.map(
    ({ resource, free, of }) => `${resource} ${writeAmount(resource, free)} of ${writeAmount(resource, of)}`,
  );
  const free = nodes > 0 ? `, not requested there: ${amounts.join(", ")}` : "";
  return `${count(nodes, "node")} of it ${nodes === 1 ? "takes" : "take"} pods${free}`;
}
