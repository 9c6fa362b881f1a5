// What budgets wait for when a drain fails: pods of the same owners for which the scheduler finds no node.
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { whyNotReady } from "./not-ready.ts";
import { isUnplaced, podKey, podOwner } from "./pod-filters.ts";
import { heldSince } from "./pod-state.ts";
import { reportByReason } from "./report.ts";

/** Says why such pods are Pending, one line for each reason; nothing when nobody can tell. */
export async function findUnplaced({ api }: DrainContext, ledger: Ledger): Promise<string[]> {
  const held = ledger.remaining.filter((entry) => heldSince(entry) !== undefined).map(({ pod }) => pod);
  const owners = new Set(held.map(podOwner));
  const namespaces = new Set(held.map(({ metadata }) => metadata?.namespace ?? ""));
  const lists = [...namespaces].map((namespace) => api.listPodsSelected(namespace, ""));
  const pods = (await Promise.all(lists).catch(() => [])).flat();
  const pending = pods.filter((pod) => isUnplaced(pod) && owners.has(podOwner(pod)));
  return reportByReason(pending.map((pod) => ({ reason: whyNotReady(pod), pod: podKey(pod) })));
}
