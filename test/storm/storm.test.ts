// `npm run storm`: `pulumi up` killed at random moments of a scale-out and a scale-in; after `pulumi cancel`, the next run
// finishes. The moments that have names are in test/lab/killed-*.test.ts.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { seededRandom, stratifiedShares, upKilledAfter } from "../support/killed-run.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  expectFinished,
  gatherPods,
  removeScalingWorkload,
  scalingPool,
  scalingWorkload,
  spreadPods,
  watchWeb,
} from "../support/scaling.ts";
import { apply, createStack, lab } from "../support/test-lab.ts";

const { kills, seed } = inject("storm");

const directions = {
  "scale-out": { from: 1, to: 3 },
  "scale-in": { from: 3, to: 1 },
} as const;

type Direction = keyof typeof directions;

/** Every moment of a scale-out is followed by one of a scale-in, so that each starts where the other ended. */
function drawMoments(): { direction: Direction; share: number; percent: string }[] {
  const random = seededRandom(seed);
  const [outs, ins] = [stratifiedShares(kills, random), stratifiedShares(kills, random)];
  return outs.flatMap((share, at) => [
    { direction: "scale-out" as const, share, percent: (share * 100).toFixed(1) },
    { direction: "scale-in" as const, share: ins[at] ?? 0, percent: ((ins[at] ?? 0) * 100).toFixed(1) },
  ]);
}

describe(`pulumi killed at moments drawn with --kills ${kills} --seed ${seed}`, () => {
  let stack: LabStack;
  let standing: number | undefined;
  const durations = { "scale-out": 0, "scale-in": 0 };

  beforeAll(async () => {
    stack = await createStack("killed");
    await scaleTo(1);
    await apply(...scalingWorkload);
    for (const direction of ["scale-out", "scale-in"] as const) {
      await prepare(direction);
      const run = await upKilledAfter(lab, stack, 120_000);
      expect(run.status, run.text).toBe(0);
      durations[direction] = run.milliseconds;
      standing = directions[direction].to;
    }
    console.log(`undisturbed: ${JSON.stringify(durations)} ms`);
  });

  afterAll(async () => {
    await removeScalingWorkload();
    await succeeds(stack.destroy());
  });

  async function scaleTo(count: number): Promise<void> {
    stack.declare(scalingPool(count));
    await succeeds(stack.up());
    standing = count;
  }

  /** Goes to where the direction starts, also after a test that failed, and declares where it leads. */
  async function prepare(direction: Direction): Promise<void> {
    const { from, to } = directions[direction];
    if (standing !== from) await scaleTo(from);
    standing = undefined;
    if (direction === "scale-in") await spreadPods();
    else await gatherPods();
    stack.declare(scalingPool(to));
  }

  /** Kills a run at its moment and has the next one finish; one that was faster, and ended, is done again. */
  async function killAndFinish(direction: Direction, share: number): Promise<void> {
    await prepare(direction);
    await using budget = direction === "scale-in" ? await watchWeb() : undefined;
    const run = await upKilledAfter(lab, stack, share * durations[direction]);
    if (!run.killed) {
      expect(run.status, run.text).toBe(0);
      durations[direction] = run.milliseconds;
      standing = directions[direction].to;
      return killAndFinish(direction, share);
    }
    await expectFinished(stack, directions[direction].to);
    expect(budget?.violations() ?? []).toEqual([]);
    standing = directions[direction].to;
  }

  it.each(drawMoments())(
    "$direction killed at $percent % is finished by the next run",
    ({ direction, share }) => killAndFinish(direction, share),
  );
});
