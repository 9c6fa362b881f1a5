// Caps how many hosts join at once: Pulumi starts as many as it is told to, and a bastion, a control plane or a token's
// life bears fewer. All resources of one operation share this process.
import { parallelJoins } from "./connections.ts";
import type { Progress } from "./progress.ts";

/** Calls back once, after so many milliseconds; returns how to call it off. */
export type Timer = (milliseconds: number, call: () => void) => () => void;

interface Waiter {
  readonly node: string;
  readonly limit: number;
  readonly onWait: (holders: readonly string[]) => void;
  readonly go: () => void;
}

const longestHoldMilliseconds = 180_000;

/**
 * Hands out slots in the order in which they are asked for. A slot ends when it is given back, or after three minutes:
 * the join runs elsewhere, and one that failed tells nobody. So every wait ends.
 */
export class JoinSlots {
  readonly #timer: Timer;
  readonly #holders = new Map<string, () => void>();
  readonly #waiting: Waiter[] = [];

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Resolves once fewer than `limit` others hold a slot; `onWait` hears who holds them, at first and at each change. */
  take(node: string, limit: number, onWait: (holders: readonly string[]) => void): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ node, limit, onWait, go });
      this.#admit();
    });
  }

  /** Ends a node's slot, if it has one. */
  giveBack(node: string): void {
    const callOff = this.#holders.get(node);
    if (callOff === undefined) return;
    callOff();
    this.#holders.delete(node);
    this.#admit();
  }

  #admit(): void {
    const first = this.#waiting[0];
    if (first !== undefined && this.#holders.size < first.limit) {
      this.#waiting.shift();
      this.#hold(first.node);
      first.go();
    }
    for (const { onWait } of this.#waiting) onWait([...this.#holders.keys()]);
  }

  #hold(node: string): void {
    this.#holders.get(node)?.();
    const callOff = this.#timer(longestHoldMilliseconds, () => this.giveBack(node));
    this.#holders.set(node, callOff);
  }
}

const slots = new JoinSlots((milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
});
const tellEveryMilliseconds = 2500;
const shownHolders = 3;

/** Waits for a slot to join in, telling on the resource's row what it waits for. */
export async function takeJoinSlot(node: string, progress: Progress): Promise<void> {
  const limit = parallelJoins();
  const started = Date.now();
  let holders: readonly string[] = [];
  const tell = (): void => {
    const seconds = Math.round((Date.now() - started) / 1000);
    if (holders.length > 0) progress.now(describeWait(holders, limit, seconds));
  };
  const repeat = setInterval(tell, tellEveryMilliseconds);
  try {
    await slots.take(node, limit, (current) => {
      holders = current;
      tell();
    });
  } finally {
    clearInterval(repeat);
  }
}

/** Gives the node's slot back: its join has ended, one way or the other. */
export function giveJoinSlotBack(node: string): void {
  slots.giveBack(node);
}

function describeWait(holders: readonly string[], limit: number, seconds: number): string {
  const rest = holders.length - shownHolders;
  const names = holders.slice(0, shownHolders).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
  return `waiting to join ${seconds} s: ssh.parallelJoins is ${limit}, at work are ${names}`;
}
