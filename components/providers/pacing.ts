// Limits how many nodes of one pool are out of service at once: those that this process, which serves all resources of
// an operation, drains or reboots, and those that are down by themselves.

/** A node that asks to be taken out of service. */
export interface Turn {
  readonly node: string;
  readonly pool: string;
  /** How many nodes of the pool may be out of service. */
  readonly limit: number;
  /** Limits the wait for nodes that are down by themselves, in seconds. */
  readonly timeoutSeconds: number;
  /** Names the nodes of the pool that are down; undefined when that cannot be told now. */
  readonly findDown: () => Promise<readonly string[] | undefined>;
  /** Hears what stands in the way, each time it was looked at. */
  readonly onWait: (obstacle: string) => void;
}

/** What stands in the way of a turn, and what to do about it. */
interface Obstacle {
  readonly text: string;
  readonly remedy: string;
}

const lookAgainMilliseconds = 1000;
const busyByPool = new Map<string, Set<string>>();
const waitingByPool = new Map<string, Set<() => void>>();

/**
 * Runs `work` once fewer than `limit` other nodes of the pool are out of service; at once for a node that is down
 * itself. Nodes that are being worked on are waited for without limit: each ends by its own. Throws when nodes that are
 * down do not come back in time.
 */
export async function paced<Result>(turn: Turn, work: () => Promise<Result>): Promise<Result> {
  const busy = of(busyByPool, turn.pool);
  await takeTurn(turn, busy);
  try {
    return await work();
  } finally {
    busy.delete(turn.node);
    for (const lookAgain of of(waitingByPool, turn.pool)) lookAgain();
  }
}

async function takeTurn(turn: Turn, busy: Set<string>): Promise<void> {
  let blockedSince: number | undefined;
  for (;;) {
    const obstacle = await tryTurn(turn, busy);
    if (obstacle === undefined) return;
    turn.onWait(obstacle.text);
    blockedSince = busy.size > 0 ? undefined : (blockedSince ?? Date.now());
    if (blockedSince !== undefined && Date.now() - blockedSince >= turn.timeoutSeconds * 1000)
      throw new Error(describeTimeout(turn, obstacle));
    await untilChange(turn.pool);
  }
}

/** Makes the node busy in the same step in which its pool is found to allow that; else says what stands in the way. */
async function tryTurn(turn: Turn, busy: Set<string>): Promise<Obstacle | undefined> {
  // Whether others are down makes no difference while as many as allowed are worked on.
  const down = busy.size < turn.limit ? await turn.findDown() : [];
  const idle = down?.filter((name) => name !== turn.node && !busy.has(name));
  const isFree = idle !== undefined && busy.size + idle.length < turn.limit;
  if (!isFree && !down?.includes(turn.node)) return describeObstacle(busy, idle);
  busy.add(turn.node);
  return undefined;
}

function describeObstacle(busy: ReadonlySet<string>, down: readonly string[] | undefined): Obstacle {
  const parts = [
    ...(busy.size > 0 ? [`at work on ${[...busy].sort().join(", ")}`] : []),
    ...(down === undefined ? ["the Nodes cannot be listed"] : []),
    ...(down !== undefined && down.length > 0 ? [`down: ${[...down].sort().join(", ")}`] : []),
  ];
  const remedy =
    down === undefined
      ? "Run again when the API server answers"
      : "Mend them, declare them state: lost, or raise maxUnavailable";
  return { text: parts.join("; "), remedy };
}

function describeTimeout({ node, pool, limit, timeoutSeconds }: Turn, { text, remedy }: Obstacle): string {
  return `taking node "${node}" of pool "${pool}" out of service: waited ${timeoutSeconds} s (drain.timeoutSeconds) for others; ${text}; maxUnavailable is ${limit}. ${remedy}`;
}

/** Ends when work on a node of the pool has ended, and after a second: nodes come back without a word. */
function untilChange(pool: string): Promise<void> {
  const waiting = of(waitingByPool, pool);
  return new Promise((resolve) => {
    const lookAgain = () => {
      clearTimeout(timer);
      waiting.delete(lookAgain);
      resolve();
    };
    const timer = setTimeout(lookAgain, lookAgainMilliseconds);
    waiting.add(lookAgain);
  });
}

function of<Item>(sets: Map<string, Set<Item>>, pool: string): Set<Item> {
  const known = sets.get(pool) ?? new Set<Item>();
  sets.set(pool, known);
  return known;
}
