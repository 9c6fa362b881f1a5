// Joins that are cut short, at several stages at once: the next run finishes each and leaves no token behind.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import {
  heldAt,
  hold,
  kubeadmCalls,
  makeHoldable,
  release,
  restoreKubeadm,
} from "../support/held-kubeadm.ts";
import { upKilledWhen } from "../support/killed-run.ts";
import { lifeOf } from "../support/node-lives.ts";
import { plannedSteps, succeeds } from "../support/pulumi-run.ts";
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

const all = ["w1", "w2", "w3", "w4"];
const halfWay = "mkdir -p /etc/kubernetes/pki; echo held > /etc/kubernetes/bootstrap-kubelet.conf";

describe("joins that are interrupted", () => {
  let stack: LabStack;

  const declare = (trigger?: string) =>
    stack.declare([
      {
        name: "workers",
        // One Node vanishes and another host is to rejoin in the same run.
        maxUnavailable: 2,
        hosts: [host(1), host(2), host(3), host(4, trigger === undefined ? {} : { rejoinTrigger: trigger })],
      },
    ]);

  beforeAll(async () => {
    stack = await createStack("interrupted");
    declare();
    await makeHoldable("w2", "w3", "w4");
    await Promise.all(["w2", "w3", "w4"].map((name) => hold("join", name)));
  });

  afterAll(async () => {
    await restoreKubeadm("w2", "w3", "w4");
    await succeeds(stack.destroy());
    for (const name of all) expect(await remainsOf(name), name).toEqual([]);
  });

  it("J-08b are waited for; what stands half-way is reset and joined, what ends well after the kill is kept", async () => {
    const run = await upKilledWhen(lab, stack, async () => {
      await Promise.all(["w2", "w3", "w4"].map((name) => heldAt("join", name)));
      // On w2 kubeadm is killed half-way; on w3 and w4 it outlives the run, half-way and before it has begun.
      await onHost("w2", halfWay);
      await onHost("w3", halfWay);
      await onHost("w2", "rm /run/hold-join; pkill -KILL -f '[k]ubeadm join'");
    });
    expect(run.killed, run.text).toBe(true);
    await succeeds(stack.run(["cancel", "--yes"]));
    let said = "";
    const up = stack.run(["up", "--yes", "--skip-preview"], (output) => {
      said += output;
    });
    const waiting = "waiting for a join or reset that is still at work on the host";
    await eventually("the run to wait for two joins", 300, async () => said.split(waiting).length > 2);
    await Promise.all(["w3", "w4"].map((name) => release("join", name)));
    const { text } = await succeeds(up);
    for (const name of ["w2", "w3"])
      expect(text).toContain(`node "${name}" is not in the cluster: its host will be reset and joined again`);
    expect(await kubeadmCalls("w2")).toEqual(["join", "reset", "join"]);
    expect(await kubeadmCalls("w3")).toEqual(["join", "reset", "join"]);
    expect(await kubeadmCalls("w4")).toEqual(["join"]);
    expect(await readyNodes()).toEqual(all);
    expect(await mintedTokens()).toEqual([]);
    await succeeds(stack.isSettled());
  });

  it("J-38 are done anew when a Node was deleted behind the program's back, and when rejoinTrigger changes", async () => {
    const [life, uids] = [await lifeOf("w1"), await Promise.all(all.map(uidOf))];
    await kubectl("delete", "node", "w2");
    declare("2026-11");
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/node "w2" is not in the cluster: its host will be reset and joined again/);
    const steps = await plannedSteps(stack);
    expect(steps.filter(({ name }) => ["w1", "w3"].includes(name))).toEqual([]);
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/drained: 0 pods moved/);
    expect(await readyNodes()).toEqual(all);
    expect(await lifeOf("w1")).toEqual(life);
    const now = await Promise.all(all.map(uidOf));
    expect(all.filter((_, at) => now[at] !== uids[at])).toEqual(["w2", "w4"]);
  });
});
