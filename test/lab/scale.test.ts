// The main job on real hosts: a pool grows and shrinks by `count`, and nobody notices but the nodes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack } from "../../lab/stack.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  hosts,
  kubectl,
  lab,
  loginsOn,
  mintedTokens,
  nodes,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { isServing } from "../support/workloads.ts";

const workload = readFileSync(join(import.meta.dirname, "../../lab/demo/workload.yaml"), "utf8");

function pool(count: number): object[] {
  const [labels, limits] = [{ "example.com/tier": "general" }, { maxRemovals: "100%" }];
  return [{ name: "workers", count, labels, limits, hosts: hosts(4) }];
}

const allServe = () => isServing("web", 6);

describe("a pool scaled by its count", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("scale");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment,daemonset,pdb", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  async function scaleTo(count: number): Promise<string> {
    stack.declare(pool(count));
    const run = await succeeds(stack.up());
    await succeeds(stack.isSettled());
    expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"].slice(0, count));
    return run.text;
  }

  it("has no nodes at count 0", async () => {
    await scaleTo(0);
  });

  it("joins the first two hosts, stamped and labelled, and revokes their tokens", async () => {
    await scaleTo(2);
    const w1 = (await nodes()).get("w1");
    expect(w1?.metadata.labels["example.com/tier"]).toBe("general");
    expect(w1?.metadata.annotations["nodepools.local/owner"]).toBe("organization/nodepools/scale");
    expect(w1?.metadata.annotations["nodepools.local/pool"]).toBe("workers");
    expect(await mintedTokens()).toEqual([]);
  });

  it("tells each node's status in the outputs of the stack", async () => {
    const output = await succeeds(stack.run(["stack", "output", "nodes", "--json"]));
    const status = (internalIp: string) => ({
      pool: "workers",
      ready: "True",
      schedulable: true,
      kubeletVersion: expect.stringMatching(/^v1\.\d+\.\d+$/),
      containerRuntime: expect.stringMatching(/^containerd:/),
      internalIp,
    });
    expect(JSON.parse(output.text)).toEqual({ w1: status("10.89.0.11"), w2: status("10.89.0.12") });
  });

  it("J-01 D-P15 changes nothing and logs in nowhere when run again", async () => {
    const before = await Promise.all([loginsOn("w1"), loginsOn("w2")]);
    await succeeds(stack.up("--expect-no-changes"));
    // Counting takes a login itself.
    expect(await Promise.all([loginsOn("w1"), loginsOn("w2")])).toEqual(before.map((count) => count + 1));
  });

  it("J-03 joins only the third host when the count grows to 3", async () => {
    await apply(workload);
    const before = await loginsOn("w1");
    await scaleTo(3);
    expect(await loginsOn("w1")).toBe(before + 1);
  });

  it("previews which pods leave which nodes, and writes nothing", async () => {
    await kubectl("rollout", "restart", "deployment/web");
    await kubectl("rollout", "status", "deployment/web", "--timeout=60s");
    await eventually("six replicas on three nodes", 60, allServe);
    stack.declare(pool(1));
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/2 nodes leave: w2, w3/);
    expect(preview.text).toMatch(/\d pods move: default\/Deployment web \d/);
    expect(preview.text).toMatch(/budget default\/web allows (\d|none) of \d evictions/);
    expect(preview.text).toMatch(/room by requests for \d pods on the 1 node that stays and takes pods/);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
  });

  it("J-26 D-P01 drains two nodes under the budget and gives their hosts back as good as new", async () => {
    const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
    await using watch = watchBudget([command, ...argv], labEnvironment(lab), "default", "web");
    await eventually("the first state of the budget", 20, async () => watch.seen() > 0);
    const text = await scaleTo(1);
    expect(text).toMatch(/cordoned before the first drain: w2, w3/);
    await eventually("six replicas on one node", 60, allServe);
    expect(watch.seen()).toBeGreaterThan(1);
    expect(watch.violations()).toEqual([]);
    expect([...(await nodes()).keys()]).toEqual(["w1"]);
    expect(await remainsOf("w2")).toEqual([]);
    expect(await remainsOf("w3")).toEqual([]);
  });

  it("joins a host again that left before", async () => {
    await scaleTo(2);
  });

  it("J-35 drains the rest at count 0", async () => {
    await kubectl("delete", "pdb", "web");
    await kubectl("scale", "deployment/web", "--replicas=0");
    await scaleTo(0);
    expect([...(await nodes()).keys()]).toEqual([]);
  });
});
