// The main job on real hosts, and nothing else: a pool grows and shrinks by `count`, and nobody notices but the nodes.
import { afterAll, beforeAll, expect, it } from "vitest";
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
  mintedTokens,
  nodes,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { isServing, spreadDeployment } from "../support/workloads.ts";

let stack: LabStack;

async function scaleTo(count: number): Promise<void> {
  stack.declare([{ name: "workers", count, limits: { maxRemovals: "100%" }, hosts: hosts(3) }]);
  await succeeds(stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"].slice(0, count));
}

const allServe = () => isServing("web", 6);

beforeAll(async () => {
  stack = await createStack("scale");
});

afterAll(async () => {
  await kubectl("delete", "deployment,pdb", "--all", "--wait=false");
  await succeeds(stack.destroy());
});

it("J-01 joins as many hosts as are counted, and leaves no token", async () => {
  await scaleTo(3);
  expect(await mintedTokens()).toEqual([]);
});

it("J-26 J-28 D-P01 drains two of them under the budget, and their hosts are as good as new", async () => {
  await apply(...spreadDeployment("web", 6, 2));
  await eventually("six replicas on three nodes", 60, allServe);
  const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
  await using watch = watchBudget([command, ...argv], labEnvironment(lab), "default", "web");
  await eventually("the first state of the budget", 20, async () => watch.seen() > 0);
  await scaleTo(1);
  await eventually("six replicas on one node", 60, allServe);
  expect(watch.seen()).toBeGreaterThan(1);
  expect(watch.violations()).toEqual([]);
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  for (const name of ["w2", "w3"]) expect(await remainsOf(name)).toEqual([]);
});
