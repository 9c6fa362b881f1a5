// How many nodes of a pool are out of service at once.
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Clock } from "../../../components/model/clock.ts";
import { PoolSlots, type SlotRequest } from "../../../components/providers/pool-slots.ts";

afterEach(() => {
  vi.useRealTimers();
});

/** Passes with the fake timers of a test. */
const clock: Clock = {
  now: () => Date.now() / 1000,
  sleep: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
};
const slots = new PoolSlots(clock);

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

let poolCount = 0;
const newPool = () => `pool-${poolCount++}`;

function requestOf(node: string, pool: string, more: Partial<SlotRequest> = {}): SlotRequest {
  const [findDown, onWait] = [async () => [], () => undefined];
  return { node, pool, limit: 1, timeoutSeconds: 10, findDown, onWait, ...more };
}

/** Work that goes on until the returned function ends it. */
function pending() {
  let end: () => void = () => undefined;
  const work = () => new Promise<void>((resolve) => (end = resolve));
  return { work, end: () => end() };
}

describe("nodes that are worked on", () => {
  it("D-P02 are never more than the limit at once, and all have their turn also when a drain fails", async () => {
    const jobs = fc.array(fc.record({ arrives: fc.nat(20), lasts: fc.nat(20), fails: fc.boolean() }), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(jobs, fc.integer({ min: 1, max: 5 }), async (plan, limit) => {
        const pool = newPool();
        let running = 0;
        let most = 0;
        const run = async ({ arrives, lasts, fails }: (typeof plan)[number], at: number) => {
          await turns(arrives);
          return slots.withSlot(requestOf(`w${at}`, pool, { limit }), async () => {
            most = Math.max(most, ++running);
            await turns(lasts);
            running--;
            if (fails) throw new Error("drain failed");
          });
        };
        const ends = await Promise.allSettled(plan.map(run));
        const expected = plan.map(({ fails }) => (fails ? "rejected" : "fulfilled"));
        expect(ends.map(({ status }) => status)).toEqual(expected);
        expect(most).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it("make room for the next as soon as one of them is done", async () => {
    const pool = newPool();
    const heard: string[] = [];
    const jobs = ["w1", "w2", "w3"].map((node) => ({ node, ...pending(), hasBegun: false }));
    const all = jobs.map((job) =>
      slots.withSlot(requestOf(job.node, pool, { limit: 2, onWait: (text) => heard.push(text) }), () => {
        job.hasBegun = true;
        return job.work();
      }),
    );
    await turns(5);
    expect(jobs.map(({ hasBegun }) => hasBegun)).toEqual([true, true, false]);
    expect(heard).toEqual(["being drained or rebooted: w1, w2"]);
    jobs[0]?.end();
    await turns(10);
    expect(jobs[2]?.hasBegun).toBe(true);
    for (const { end } of jobs) end();
    await Promise.all(all);
  });

  it("do not hold up another pool", async () => {
    const job = pending();
    const first = slots.withSlot(requestOf("w1", newPool()), job.work);
    await turns(5);
    const other = requestOf("w2", newPool(), { onWait: () => expect.fail("waited") });
    expect(await slots.withSlot(other, async () => "done")).toBe("done");
    job.end();
    await first;
  });
});

describe("nodes that are down by themselves", () => {
  it("take places, those that are worked on no second one", async () => {
    const pool = newPool();
    const findDown = async () => ["w1", "w9"];
    const job = pending();
    const first = slots.withSlot(requestOf("w1", pool, { limit: 3, findDown }), job.work);
    await turns(5);
    const heard: string[] = [];
    const second = requestOf("w2", pool, { limit: 3, findDown, onWait: (text) => heard.push(text) });
    expect(await slots.withSlot(second, async () => "done")).toBe("done");
    expect(heard).toEqual([]);
    job.end();
    await first;
  });

  it("are waited for until they are back", async () => {
    vi.useFakeTimers();
    const down = ["w9"];
    const heard: string[] = [];
    const findDown = async () => down;
    const work = slots.withSlot(
      requestOf("w1", newPool(), { findDown, onWait: (text) => heard.push(text) }),
      async () => "done",
    );
    await vi.advanceTimersByTimeAsync(1500);
    down.length = 0;
    await vi.advanceTimersByTimeAsync(1000);
    expect(await work).toBe("done");
    expect(heard).toEqual(["down: w9", "down: w9"]);
  });

  it("end the wait with an error that names them when they do not come back in time", async () => {
    vi.useFakeTimers();
    const turn = requestOf("w1", "workers", { findDown: async () => ["w9", "w8"] });
    const failure = expect(slots.withSlot(turn, () => expect.fail("worked"))).rejects.toThrow(
      'taking node "w1" of pool "workers" out of service: no slot in 10 s (drain.timeoutSeconds), maxUnavailable is 1; down: w8, w9. Mend them, declare them state: lost, or raise maxUnavailable',
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await failure;
  });

  it("end the wait with another remedy when the cluster cannot be asked", async () => {
    vi.useFakeTimers();
    const turn = requestOf("w1", "workers", { findDown: async () => undefined });
    const failure = expect(slots.withSlot(turn, () => expect.fail("worked"))).rejects.toThrow(
      'taking node "w1" of pool "workers" out of service: no slot in 10 s (drain.timeoutSeconds), maxUnavailable is 1; the Nodes cannot be listed. Run again when the API server answers',
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await failure;
  });

  it("may always be worked on themselves", async () => {
    const turn = requestOf("w8", newPool(), { findDown: async () => ["w8", "w9"] });
    expect(await slots.withSlot(turn, async () => "done")).toBe("done");
  });

  it("do not end the wait for a node that is still worked on, however long that takes", async () => {
    vi.useFakeTimers();
    const pool = newPool();
    const down: string[] = [];
    const job = pending();
    const first = slots.withSlot(requestOf("w1", pool), job.work);
    const second = slots.withSlot(requestOf("w2", pool, { findDown: async () => down }), async () => "done");
    down.push("w1");
    await vi.advanceTimersByTimeAsync(60_000);
    down.length = 0;
    job.end();
    await first;
    await vi.advanceTimersByTimeAsync(1000);
    expect(await second).toBe("done");
  });

  it("are unknown while the server does not answer: nothing is taken down then", async () => {
    vi.useFakeTimers();
    let answer: string[] | undefined;
    const findDown = async () => answer;
    const heard: string[] = [];
    const work = slots.withSlot(
      requestOf("w1", newPool(), { findDown, onWait: (text) => heard.push(text) }),
      async () => "done",
    );
    await vi.advanceTimersByTimeAsync(500);
    expect(heard).toEqual(["the Nodes cannot be listed"]);
    answer = [];
    await vi.advanceTimersByTimeAsync(1000);
    expect(await work).toBe("done");
  });
});
