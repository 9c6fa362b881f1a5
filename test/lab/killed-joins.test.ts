// `pulumi up` of a scale-out killed with everything it started, again and again, each time a step further: after
// `pulumi cancel`, the next run goes on, and the last one finishes. Joins cut short half-way: interrupted-join.test.ts.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { upKilledWhen } from "../support/killed-run.ts";
import { type Moment, markerWritten, nodeLabelled, nodeRegistered, tokenMinted } from "../support/moments.ts";
import { succeeds } from "../support/pulumi-run.ts";
import { expectFinished, scalingPool } from "../support/scaling.ts";
import { createStack, host, lab, onHost, readyNodes } from "../support/test-lab.ts";

/** Holds the lock of joins and resets from now until 15 seconds after the next login, this one excluded. */
const workUntilLogin = `
  login() { ss -tnH state established 'sport = :22' | grep -q .; }
  mkdir -p /run/nodepools; exec 9> /run/nodepools/lock; flock -n 9
  { while login; do sleep 0.1; done; until login; do sleep 0.1; done; sleep 15; } > /dev/null 2>&1 &`;

describe("a scale-out that is killed", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("killed-out");
    stack.declare(scalingPool(1));
    await succeeds(stack.up());
    stack.declare(scalingPool(3));
  });

  afterAll(async () => {
    await succeeds(stack.destroy());
  });

  it.each<[string, Moment]>([
    ["a marker is written", markerWritten],
    ["a token is minted", tokenMinted],
    ["a Node is registered", nodeRegistered],
    ["a Node becomes a member", nodeLabelled],
  ])("when %s gets there", async (_, moment) => {
    const run = await upKilledWhen(lab, stack, moment);
    expect(run.killed, run.text).toBe(true);
    await succeeds(stack.run(["cancel", "--yes"]));
  });

  it("is finished by the next run, without a trace", async () => {
    await expectFinished(stack, 3);
  });

  it("has its warnings of pending creates cleared by `pulumi refresh --clear-pending-creates`", async () => {
    await succeeds(stack.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]));
    const state = await succeeds(stack.run(["stack", "export"]));
    expect(JSON.parse(state.text).deployment.pending_operations ?? []).toEqual([]);
  });

  it("is followed by a run that waits for what a killed one has left at work on a host", async () => {
    await onHost("w4", workUntilLogin);
    stack.declare([...scalingPool(3), { name: "late", hosts: [host(4)] }]);
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/waiting for a join or reset that is still at work on the host: \d+ s of 300 s/);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"]);
    await succeeds(stack.isSettled());
  });
});
