// A drain that a budget forbids: it fails in time, leaves everything resumable, and the next run finishes it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  hosts,
  kubectl,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { budget, deploymentOn, isServing } from "../support/workloads.ts";

function pool(count: number, timeoutSeconds = 12): object[] {
  return [{ name: "workers", count, drain: { timeoutSeconds }, hosts: hosts(2) }];
}

describe("a removal whose drain is blocked by a budget", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("blocked");
    stack.declare(pool(2));
    await succeeds(stack.up());
    await apply(deploymentOn("w2", "single"), budget("single", { minAvailable: 1 }));
    await eventually("the single replica", 60, () => isServing("single", 1));
    const healthy = ["get", "pdb", "single", "-o", "jsonpath={.status.currentHealthy}"];
    await eventually("its budget", 60, async () => (await kubectl(...healthy)) === "1");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment,pdb", "--all", "--ignore-not-found", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("D-V03 tells at preview that the budget can never allow it", async () => {
    stack.declare(pool(1));
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/budget default\/single can never allow an eviction/);
  });

  it("D-V27 D-P10 J-27 fails at the drain limit, naming pod and budget; Node and host stay as they are, cordoned", async () => {
    const run = await fails(stack.up());
    expect(run.text).toMatch(/draining node "w2": 1 pod still there after 12 s/);
    expect(run.text).toMatch(/default\/single-\S+/);
    expect(run.text).toMatch(/budget default\/single|disruption budget single/);
    expect((await nodes()).get("w2")?.spec.unschedulable).toBe(true);
    expect(await onHost("w2", "systemctl is-active kubelet")).toBe("active");
    expect(await onHost("w2", "ls /etc/kubernetes/kubelet.conf")).toBe("/etc/kubernetes/kubelet.conf");
  });

  it("lifts its own cordon when the host is declared again", async () => {
    stack.declare(pool(2));
    await succeeds(stack.up());
    expect(await readyNodes()).toEqual(["w1", "w2"]);
  });

  it("J-27 finishes once the budget is relaxed", async () => {
    stack.declare(pool(1));
    await fails(stack.up());
    await kubectl("delete", "pdb", "single");
    stack.declare(pool(1, 60));
    await succeeds(stack.up());
    expect([...(await nodes()).keys()]).toEqual(["w1"]);
    expect(await remainsOf("w2")).toEqual([]);
    await succeeds(stack.isSettled());
  });
});
