// Who may ask next under a budget that several drains share: the server grants disruptions one by one, and every
// request too many costs it a conflict that it sits out for half a second (pod eviction.go, PDB update conflicts).
import type { Budget, Pod } from "../kube/api.ts";
import { durations } from "../model/durations.ts";
import { budgetKey, budgetsOfPod, describeAllowance, disruptionsAllowed, isCharged } from "./budgets.ts";

/** Permission to ask for one eviction. */
export interface EvictionPermit {
  /** To be called once the answer is there; a budget's refusal says why, and when it may be asked again. */
  done(answer: "evicted" | "other" | BudgetRefused): void;
}

/** The server's refusal of an eviction. */
interface BudgetRefused {
  readonly why: string;
  /** Seconds since 1970. */
  readonly retryAt: number;
}

/** What is known of one budget's allowance since it last changed. */
interface Account {
  /** resourceVersion that the figures below belong to. */
  version: string;
  /** Disruptions still free at that version, less those granted since. */
  free: number;
  /** Requests without an answer yet. */
  asked: number;
  /** When the server may be asked although nothing seems free, in seconds since 1970. */
  probeAt: number;
  /** What the server last said of it at this version; undefined when it has not refused. */
  refused?: string | undefined;
}

const parallelPerBudget = 2;
const freePermit: EvictionPermit = { done: () => undefined };

/** Shares out the disruptions that budgets allow among all drains of one process. */
export class BudgetGate {
  readonly #accounts = new Map<string, Account>();

  /**
   * Returns a permit, or in words why there is none yet. Pods that no budget holds get one at any time, and so do those
   * of several budgets: the server says that it never evicts them.
   * @param now seconds since 1970
   */
  ask(pod: Pod, budgets: readonly Budget[], now: number): EvictionPermit | string {
    const [budget, ...others] = budgetsOfPod(pod, budgets);
    if (budget === undefined || others.length > 0 || !isCharged(pod, budget)) return freePermit;
    const account = this.#accountOf(budget);
    const isFree = account.free > account.asked && account.asked < parallelPerBudget;
    // Figures may be late: one request in a while finds out, and its answer tells the reason.
    const isProbe = account.asked === 0 && now >= account.probeAt;
    if (!isFree && !isProbe) return account.refused ?? describeAllowance(budget);
    account.asked++;
    account.probeAt = now + durations.drain.budgetAgain * (1 + Math.random() / 4);
    return { done: (answer) => settle(account, answer) };
  }

  #accountOf(budget: Budget): Account {
    const key = budgetKey(budget);
    const version = budget.metadata?.resourceVersion ?? "";
    const known = this.#accounts.get(key) ?? { version: "", free: 0, asked: 0, probeAt: 0 };
    if (known.version !== version) {
      known.version = version;
      known.free = disruptionsAllowed(budget);
      known.refused = undefined;
      this.#accounts.set(key, known);
    }
    return known;
  }
}

/** What one pod was told counts for all pods of the budget. */
function settle(account: Account, answer: "evicted" | "other" | BudgetRefused): void {
  account.asked--;
  if (answer === "evicted") account.free--;
  if (typeof answer === "string") return;
  account.free = 0;
  account.refused = answer.why;
  account.probeAt = Math.max(account.probeAt, answer.retryAt);
}

const gates = new WeakMap<object, BudgetGate>();

/** Returns the gate that all drains through one API client share. */
export function gateOf(api: object): BudgetGate {
  const known = gates.get(api) ?? new BudgetGate();
  gates.set(api, known);
  return known;
}
