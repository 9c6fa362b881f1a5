// A drain that a budget forbids: it fails in time, leaves everything resumable, and the next run finishes it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
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

function pool(count: number): object[] {
  return [{ name: "workers", count, drain: { timeoutSeconds: 12 }, hosts: hosts(2) }];
}

describe("a removal whose drain is blocked by a budget", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("blocked");
    stack.declare(pool(2));
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
    await apply(deploymentOn("w2", "single"), budget("single", { minAvailable: 1 }));
    await eventually("the single replica", 60, () => isServing("single", 1));
  });

  afterAll(async () => {
    await kubectl("delete", "deployment,pdb", "--all", "--ignore-not-found", "--wait=false");
    const run = await stack.destroy();
    expect(run.ok, run.text).toBe(true);
  });

  it("V03 tells at preview that the budget can never allow it", async () => {
    stack.declare(pool(1));
    const preview = await stack.preview();
    expect(preview.ok, preview.text).toBe(true);
    expect(preview.text).toMatch(/budget default\/single can never allow an eviction/);
  });

  it("V27 fails at the drain limit, naming pod and budget; Node and host stay as they are, cordoned", async () => {
    const run = await stack.up();
    expect(run.ok, run.text).toBe(false);
    expect(run.text).toMatch(/draining Node "w2": 1 pod still there after 12 s/);
    expect(run.text).toMatch(/default\/single-\S+/);
    expect(run.text).toMatch(/budget default\/single|disruption budget single/);
    expect((await nodes()).get("w2")?.spec.unschedulable).toBe(true);
    expect(await onHost("w2", "systemctl is-active kubelet")).toBe("active");
    expect(await onHost("w2", "ls /etc/kubernetes/kubelet.conf")).toBe("/etc/kubernetes/kubelet.conf");
  });

  it("lifts its own cordon when the host is declared again", async () => {
    stack.declare(pool(2));
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
    expect(await readyNodes()).toEqual(["w1", "w2"]);
  });

  it("finishes once the budget is relaxed", async () => {
    stack.declare(pool(1));
    expect((await stack.up()).ok).toBe(false);
    await kubectl("delete", "pdb", "single");
    const run = await stack.up();
    expect(run.ok, run.text).toBe(true);
    expect([...(await nodes()).keys()]).toEqual(["w1"]);
    expect(await remainsOf("w2")).toEqual([]);
    const settled = await stack.isSettled();
    expect(settled.ok, settled.text).toBe(true);
  });
});
