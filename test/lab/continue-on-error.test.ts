// One bad host beside a removal in one change: with --continue-on-error the removal is finished and the state stays whole.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import { createStack, host, nodes, onHost, readyNodes, remainsOf } from "../support/test-lab.ts";

let stack: LabStack;

beforeAll(async () => {
  stack = await createStack("continue");
  stack.declare([{ name: "workers", hosts: [host(1)] }]);
  await succeeds(stack.up());
  await onHost("w2", "mkdir -p /etc/rancher/k3s");
});

afterAll(async () => {
  await onHost("w2", "rm -rf /etc/rancher");
  await succeeds(stack.destroy());
});

it("removes one host although another one is refused, all leaving nodes cordoned first", async () => {
  stack.declare([{ name: "workers", hosts: [host(2)] }]);
  const run = await fails(stack.up("--continue-on-error"));
  expect(run.text).toMatch(/k3s/);
  expect(run.text).toMatch(/cordoned before the first drain: w1/);
  expect([...(await nodes()).keys()]).toEqual([]);
  expect(await remainsOf("w1")).toEqual([]);
});

it("has nothing in its outputs of a host that is no node", async () => {
  const output = await succeeds(stack.run(["stack", "output", "nodes", "--json"]));
  expect(JSON.parse(output.text)).toEqual({});
});

it("leaves a state from which the next up joins the mended host", async () => {
  await onHost("w2", "rm -rf /etc/rancher");
  await succeeds(stack.up());
  expect(await readyNodes()).toEqual(["w2"]);
  await succeeds(stack.isSettled());
});
