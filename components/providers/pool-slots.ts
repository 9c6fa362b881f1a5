// Limits how many nodes of one pool are out of service at once: those that this process, which serves all resources of
// an operation, drains or reboots, and those that are down by themselves.
import { type Clock, News } from "../model/clock.ts";
import { durations } from "../model/durations.ts";

/** A node that asks to be taken out of service. */
export interface SlotRequest {
  readonly node: string;
  readonly pool: string;
  /** How many nodes of the pool may be out of service. */
  readonly limit: number;
  /** Limits the wait for nodes that are down by themselves, in seconds. */
  readonly timeoutSeconds: number;
  /** Names the nodes of the pool that are down; undefined when that cannot be told now. */
  readonly findDown: () => Promise<readonly string[] | undefined>;
  /** Hears what the slot waits for, each time it was looked at. */
  readonly onWait: (blocker: string) => void;
}

/** What keeps a slot from being free, and what to do about it. */
interface SlotBlocker {
  readonly text: string;
  readonly remedy: string;
}

/** The slots of all pools. */
export class PoolSlots {
  readonly #clock: Clock;
  readonly #busyByPool = new Map<string, Set<string>>();
  readonly #waitingByPool = new Map<string, Set<News>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Runs `work` once fewer than `limit` other nodes of the pool are out of service; at once for a node that is down
   * itself. Nodes that are being worked on are waited for indefinitely: each has a timeout of its own. Throws when
   * nodes that are down do not come back in time.
   */
  async withSlot<Result>(request: SlotRequest, work: () => Promise<Result>): Promise<Result> {
    const busy = of(this.#busyByPool, request.pool);
    await this.#take(request, busy);
    try {
      return await work();
    } finally {
      busy.delete(request.node);
      for (const news of of(this.#waitingByPool, request.pool)) news.notify();
    }
  }

  /** Names the nodes of a pool that are worked on. */
  busyIn(pool: string): ReadonlySet<string> {
    return of(this.#busyByPool, pool);
  }

  async #take(request: SlotRequest, busy: Set<string>): Promise<void> {
    const waiting = of(this.#waitingByPool, request.pool);
    const news = new News();
    waiting.add(news);
    try {
      for (let blockedSince: number | undefined; ; ) {
        const blocker = await tryToTake(request, busy);
        if (blocker === undefined) return;
        request.onWait(blocker.text);
        blockedSince = busy.size > 0 ? undefined : (blockedSince ?? this.#clock.now());
        if (blockedSince !== undefined && this.#clock.now() - blockedSince >= request.timeoutSeconds)
          throw new Error(describeTimeout(request, blocker));
        // Nodes come back without a word.
        await news.sleep(this.#clock, durations.providers.look);
      }
    } finally {
      waiting.delete(news);
    }
  }
}

/** Makes the node busy in the same step in which its pool is found to allow that; else says what stands in the way. */
async function tryToTake(request: SlotRequest, busy: Set<string>): Promise<SlotBlocker | undefined> {
  // Whether others are down makes no difference while as many as allowed are worked on.
  const down = busy.size < request.limit ? await request.findDown() : [];
  const idle = down?.filter((name) => name !== request.node && !busy.has(name));
  const isFree = idle !== undefined && busy.size + idle.length < request.limit;
  if (!isFree && !down?.includes(request.node)) return describeBlocker(busy, idle);
  busy.add(request.node);
  return undefined;
}

function describeBlocker(busy: ReadonlySet<string>, down: readonly string[] | undefined): SlotBlocker {
  const parts = [
    ...(busy.size > 0 ? [`being drained or rebooted: ${[...busy].sort().join(", ")}`] : []),
    ...(down === undefined ? ["the Nodes cannot be listed"] : []),
    ...(down !== undefined && down.length > 0 ? [`down: ${[...down].sort().join(", ")}`] : []),
  ];
  const remedy =
    down === undefined
      ? "Run again when the API server answers"
      : "Mend them, declare them state: lost, or raise maxUnavailable";
  return { text: parts.join("; "), remedy };
}

function describeTimeout({ node, pool, limit, timeoutSeconds }: SlotRequest, blocker: SlotBlocker): string {
  return `taking node "${node}" of pool "${pool}" out of service: no slot in ${timeoutSeconds} s (drain.timeoutSeconds), maxUnavailable is ${limit}; ${blocker.text}. ${blocker.remedy}`;
}

function of<Item>(sets: Map<string, Set<Item>>, pool: string): Set<Item> {
  const known = sets.get(pool) ?? new Set<Item>();
  sets.set(pool, known);
  return known;
}
