// Pods that a budget holds for good, because the pods that it waits for can start nowhere: every node that would take
// them is cordoned, as when a whole cluster leaves. Or because the cluster cannot count the budget's pods.
import type { Budget } from "../kube/api.ts";
import { isTransient } from "../kube/kube-error.ts";
import { durations } from "../model/durations.ts";
import { budgetKey, budgetsOfPod, explainUncounted } from "./budgets.ts";
import type { DrainContext } from "./context.ts";
import type { Ledger } from "./ledger.ts";
import { accepts } from "./placement.ts";
import type { LedgerEntry } from "./pod-state.ts";

/** Looks now and then whether any node is left for the pods that budgets wait for. */
export class StrandedPods {
  readonly #context: DrainContext;
  readonly #ledger: Ledger;
  #nextAt = 0;

  constructor(context: DrainContext, ledger: Ledger) {
    this.#context = context;
    this.#ledger = ledger;
  }

  /** Marks the pods that have been held for a while and have no node left; asks for the Nodes only when there are such pods. */
  async look(budgets: readonly Budget[]): Promise<void> {
    const { api, clock } = this.#context;
    const now = clock.now();
    const held = this.#ledger.remaining.filter((entry) => isHeldLong(entry, now));
    if (held.length === 0 || now < this.#nextAt) return;
    this.#nextAt = now + durations.drain.strandedLook;
    for (const { uid, pod } of held) {
      const why = budgetsOfPod(pod, budgets)
        .map(explainUncountedOf)
        .find((text) => text !== undefined);
      if (why !== undefined) this.#ledger.giveUp(uid, why);
    }
    try {
      // One that is not Ready may become so; pods of one budget are alike enough to ask for one of them.
      const open = (await api.listNodes()).filter(({ spec }) => spec?.unschedulable !== true);
      for (const { uid, pod } of held) this.#ledger.strand(uid, !open.some((node) => accepts(node, pod)));
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
}

function explainUncountedOf(budget: Budget): string | undefined {
  const why = explainUncounted(budget);
  return why && `budget ${budgetKey(budget)} allows nothing, ${why}`;
}

function isHeldLong({ state }: LedgerEntry, now: number): boolean {
  return state.kind === "held" && state.isByBudget && now - state.since >= durations.drain.strandedAfter;
}
