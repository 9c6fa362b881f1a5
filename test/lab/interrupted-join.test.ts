// A join that is cut short, at every stage: the next run finishes it and leaves no token behind.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { heldAt, hold, makeHoldable, release, restoreKubeadm } from "../support/held-kubeadm.ts";
import { upKilledWhen } from "../support/killed-run.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  mintedTokens,
  onHost,
  readyNodes,
  remainsOf,
  uidOf,
} from "../support/test-lab.ts";

/** Waits until kubeadm join stands still, with what it has left on the host half-way. */
async function heldHalfWay(): Promise<void> {
  await heldAt("join", "w4");
  await onHost("w4", "mkdir -p /etc/kubernetes/pki; echo held > /etc/kubernetes/bootstrap-kubelet.conf");
}

describe("a join that is interrupted", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("interrupted");
    stack.declare([{ name: "workers", hosts: [host(4)] }]);
    await makeHoldable("w4");
    await hold("join", "w4");
  });

  afterAll(async () => {
    await restoreKubeadm("w4");
    await succeeds(stack.destroy());
    expect(await remainsOf("w4")).toEqual([]);
  });

  /** Kills a run once the join of its host has come so far. */
  async function killUpWhen(hasComeSoFar: () => Promise<void>): Promise<void> {
    await hold("join", "w4");
    const run = await upKilledWhen(lab, stack, hasComeSoFar);
    expect(run.killed, run.text).toBe(true);
  }

  async function expectJoined(): Promise<void> {
    expect(await readyNodes()).toEqual(["w4"]);
    expect(await mintedTokens()).toEqual([]);
    await succeeds(stack.isSettled());
  }

  /** Runs again at once, and lets the join that a killed run has left go on when the run waits for it. */
  async function upAtOnce(): Promise<string> {
    await succeeds(stack.run(["cancel", "--yes"]));
    let said = "";
    const up = stack.run(["up", "--yes", "--skip-preview"], (output) => {
      said += output;
    });
    const waiting = "waiting for a join or reset that is still at work on the host";
    await eventually("the run to wait for the join", 90, async () => said.includes(waiting));
    await release("join", "w4");
    return (await succeeds(up)).text;
  }

  it("J-08b is reset and finished by the next run when kubeadm is killed half-way", async () => {
    const up = stack.up();
    await heldHalfWay();
    await onHost("w4", "pkill -KILL -f '[k]ubeadm join'");
    await fails(up);
    await release("join", "w4");
    await succeeds(stack.up());
    await expectJoined();
    await succeeds(stack.destroy());
  });

  it("J-08b is waited for, reset and finished by the next run when pulumi itself is killed half-way", async () => {
    await killUpWhen(heldHalfWay);
    expect(await upAtOnce()).toMatch(
      /node "w4" is not in the cluster: its host will be reset and joined again/,
    );
    await expectJoined();
    await succeeds(stack.destroy());
  });

  it("J-08b is waited for and kept by the next run when it ends well after pulumi was killed", async () => {
    await killUpWhen(() => heldAt("join", "w4"));
    expect(await upAtOnce()).not.toMatch(/reset and joined again|resetting the host/);
    await expectJoined();
  });

  it("J-38 is joined anew when its Node was deleted behind the program's back", async () => {
    await kubectl("delete", "node", "w4");
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/node "w4" is not in the cluster: its host will be reset and joined again/);
    await succeeds(stack.up());
    expect(await readyNodes()).toEqual(["w4"]);
  });

  it("drains, resets and joins again when rejoinTrigger changes", async () => {
    const uid = await uidOf("w4");
    stack.declare([{ name: "workers", hosts: [host(4, { rejoinTrigger: "2026-11" })] }]);
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/drained: 0 pods moved/);
    expect(await readyNodes()).toEqual(["w4"]);
    expect(await uidOf("w4")).not.toBe(uid);
  });
});
