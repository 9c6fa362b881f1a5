// How many nodes of a pool drain at once.
import fc from "fast-check";
import { expect, it } from "vitest";
import { paced } from "../../../components/providers/pacing.ts";

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

let poolCount = 0;
const newPool = () => `pool-${poolCount++}`;

it("never runs more than the limit at once, and runs everything also when a drain fails", async () => {
  const jobs = fc.array(fc.record({ arrives: fc.nat(20), lasts: fc.nat(20), fails: fc.boolean() }), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(jobs, fc.integer({ min: 1, max: 5 }), async (plan, limit) => {
      const pool = newPool();
      let running = 0;
      let most = 0;
      const run = async ({ arrives, lasts, fails }: (typeof plan)[number]) => {
        await turns(arrives);
        return paced(
          pool,
          limit,
          (ahead) => expect(ahead).toBe(limit),
          async () => {
            most = Math.max(most, ++running);
            await turns(lasts);
            running--;
            if (fails) throw new Error("drain failed");
          },
        );
      };
      const ends = await Promise.allSettled(plan.map(run));
      const expected = plan.map(({ fails }) => (fails ? "rejected" : "fulfilled"));
      expect(ends.map(({ status }) => status)).toEqual(expected);
      expect(most).toBeLessThanOrEqual(limit);
    }),
  );
});

it("starts as many as the limit allows at once, and the next when one ends", async () => {
  const pool = newPool();
  const ends: (() => void)[] = [];
  const waits: number[] = [];
  const work = () => new Promise<void>((resolve) => ends.push(resolve));
  const all = ["a", "b", "c"].map(() => paced(pool, 2, (ahead) => waits.push(ahead), work));
  await turns(5);
  expect([ends.length, waits]).toEqual([2, [2]]);
  ends[0]?.();
  await turns(10);
  expect(ends.length).toBe(3);
  for (const end of ends) end();
  await Promise.all(all);
});

it("does not hold one pool up for another", async () => {
  const [full, free] = [newPool(), newPool()];
  let end: () => void = () => undefined;
  const first = paced(
    full,
    1,
    () => undefined,
    () => new Promise<void>((resolve) => (end = resolve)),
  );
  expect(
    await paced(
      free,
      1,
      () => expect.fail("waited"),
      async () => "done",
    ),
  ).toBe("done");
  end();
  await first;
});
