// `pulumi up` killed with everything it started, again and again, each time when its hosts are a step further: after
// `pulumi cancel`, the next run goes on, and the last one finishes. No budget is violated meanwhile.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BudgetWatch } from "../../lab/demo/budget-watch.ts";
import type { LabStack } from "../../lab/stack.ts";
import {
  forgetCalls,
  heldAt,
  hold,
  kubeadmCalls,
  makeHoldable,
  release,
  restoreKubeadm,
} from "../support/held-kubeadm.ts";
import { type KilledRun, upKilledWhen } from "../support/killed-run.ts";
import { cordonWritten, deletedIsMember, type Moment, markerWritten } from "../support/moments.ts";
import { lifeOf } from "../support/node-lives.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  expectFinished,
  expectNoTrace,
  removeScalingWorkload,
  scalingWorkload,
  spreadPods,
  watchWeb,
} from "../support/scaling.ts";
import { apply, createStack, eventually, host, kubectl, lab, onHost, uidOf } from "../support/test-lab.ts";
import { deafDeploymentOn } from "../support/workloads.ts";

const all = ["w1", "w2", "w3", "w4"];
const halfWay = "mkdir -p /etc/kubernetes/pki; echo held > /etc/kubernetes/bootstrap-kubelet.conf";
const waiting = "waiting for a join or reset that is still at work on the host";

describe("a run that is killed", () => {
  let stack: LabStack;
  let budget: BudgetWatch;

  const declare = (hosts: readonly object[]) =>
    stack.declare([{ name: "workers", maxUnavailable: 3, limits: { maxRemovals: "100%" }, hosts }]);

  async function killedWhen(moment: Moment): Promise<KilledRun> {
    const run = await upKilledWhen(lab, stack, moment);
    expect(run.killed, run.text).toBe(true);
    await succeeds(stack.run(["cancel", "--yes"]));
    return run;
  }

  beforeAll(async () => {
    stack = await createStack("killed");
    await makeHoldable(...all);
    declare([host(1), host(2), host(3), host(4)]);
  });

  afterAll(async () => {
    await budget[Symbol.asyncDispose]();
    await removeScalingWorkload();
    await restoreKubeadm(...all);
    await succeeds(stack.destroy());
  });

  it("when the first marker is written", async () => {
    await killedWhen(markerWritten);
  });

  it("when one Node is registered and the other hosts have their tokens", async () => {
    await Promise.all([hold("join-done", "w1"), ...["w2", "w3", "w4"].map((name) => hold("join", name))]);
    await killedWhen(async () => {
      await Promise.all(["w2", "w3", "w4"].map((name) => heldAt("join", name)));
      await heldAt("join-done", "w1");
      await kubectl("wait", "node/w1", "--for=create", "--timeout=300s");
      // On w2 kubeadm is killed half-way; on w3 and w4 it outlives the run, half-way and before it has begun.
      await onHost("w2", halfWay);
      await onHost("w3", halfWay);
      await onHost("w2", "rm /run/hold-join; pkill -KILL -f '[k]ubeadm join'");
      await forgetCalls(...all);
    });
    await release("join-done", "w1");
  });

  it("J-08b is followed by one that waits for joins at work; what stands half-way is reset and joined, what ends well is kept", async () => {
    let said = "";
    const up = stack.run(["up", "--yes", "--skip-preview"], (output) => {
      said += output;
    });
    await eventually("the run to wait for two joins", 300, async () => said.split(waiting).length > 2);
    await Promise.all(["w3", "w4"].map((name) => release("join", name)));
    const { text } = await succeeds(up);
    for (const name of ["w2", "w3"]) {
      expect(text).toContain(`node "${name}" is not in the cluster: its host will be reset and joined again`);
      expect(await kubeadmCalls(name), name).toEqual(["reset", "join"]);
    }
    for (const name of ["w1", "w4"]) expect(await kubeadmCalls(name), name).toEqual([]);
    await expectNoTrace(4, 4);
  });

  it("J-38 when a Node that was deleted behind the program's back is a member again, and a host rejoins by rejoinTrigger", async () => {
    const [life, uids] = [await lifeOf("w1"), await Promise.all(all.map(uidOf))];
    await kubectl("delete", "node", "w2");
    declare([host(1), host(2), host(3), host(4, { rejoinTrigger: "2026-11" })]);
    const { text } = await killedWhen(deletedIsMember);
    expect(text).toMatch(/node "w2" is not in the cluster: its host will be reset and joined again/);
    await succeeds(stack.up());
    expect(await lifeOf("w1")).toEqual(life);
    const now = await Promise.all(all.map(uidOf));
    expect(all.filter((_, at) => now[at] !== uids[at])).toEqual(["w2", "w4"]);
    await expectNoTrace(4, 4);
  });

  it("has its warnings of pending creates cleared by `pulumi refresh --clear-pending-creates`", async () => {
    await succeeds(stack.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]));
    const state = await succeeds(stack.run(["stack", "export"]));
    expect(JSON.parse(state.text).deployment.pending_operations ?? []).toEqual([]);
  });

  it("when the first of three nodes that leave is cordoned", async () => {
    await apply(...scalingWorkload);
    await spreadPods(4);
    await apply(deafDeploymentOn("w2", "last", 120));
    await kubectl("rollout", "status", "deployment/last", "--timeout=60s");
    budget = await watchWeb();
    declare([host(1)]);
    await killedWhen(cordonWritten);
  });

  it("when of these a pod is evicted, a kubelet is stopped and a Node is deleted", async () => {
    await hold("reset", "w3");
    await killedWhen(async () => {
      await heldAt("reset", "w3");
      expect(await onHost("w3", "systemctl is-active kubelet || true")).not.toBe("active");
      await kubectl("wait", "node/w4", "--for=delete", "--timeout=300s");
      const stamps = "jsonpath={.items[*].metadata.deletionTimestamp}";
      expect(await kubectl("get", "pods", "-l", "app=last", "-o", stamps)).not.toBe("");
    });
    await release("reset", "w3");
    await kubectl("delete", "pods", "-l", "app=last", "--force", "--grace-period=0");
  });

  it("is finished by the next run, without a trace and without a violated budget", async () => {
    await expectFinished(stack, 1, 4);
    expect(budget.violations()).toEqual([]);
  });
});
