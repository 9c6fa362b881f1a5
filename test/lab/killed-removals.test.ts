// `pulumi up` of a scale-in killed with everything it started, again and again, each time a step further: after
// `pulumi cancel`, the next run goes on, and the last one finishes. No budget is violated meanwhile.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BudgetWatch } from "../../lab/demo/budget-watch.ts";
import type { LabStack } from "../../lab/stack.ts";
import { upKilledWhen } from "../support/killed-run.ts";
import {
  cordonWritten,
  firstEviction,
  kubeletStopped,
  type Moment,
  nodeDeleted,
} from "../support/moments.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  expectFinished,
  removeScalingWorkload,
  scalingPool,
  scalingWorkload,
  spreadPods,
  watchWeb,
} from "../support/scaling.ts";
import { apply, createStack, lab } from "../support/test-lab.ts";

describe("a scale-in that is killed", () => {
  let stack: LabStack;
  let budget: BudgetWatch;

  beforeAll(async () => {
    stack = await createStack("killed-in");
    stack.declare(scalingPool(3));
    await succeeds(stack.up());
    await apply(...scalingWorkload);
    await spreadPods();
    budget = await watchWeb();
    stack.declare(scalingPool(1));
  });

  afterAll(async () => {
    await budget[Symbol.asyncDispose]();
    await removeScalingWorkload();
    await succeeds(stack.destroy());
  });

  it.each<[string, Moment]>([
    ["a cordon is written", cordonWritten],
    ["the first pod is evicted", firstEviction],
    ["a kubelet is stopped", kubeletStopped],
    ["a Node is deleted", nodeDeleted],
  ])("when %s gets there", async (_, moment) => {
    const run = await upKilledWhen(lab, stack, moment);
    expect(run.killed, run.text).toBe(true);
    await succeeds(stack.run(["cancel", "--yes"]));
  });

  it("is finished by the next run, without a trace and without a violated budget", async () => {
    await expectFinished(stack, 1);
    expect(budget.violations()).toEqual([]);
  });
});
