// One bad host beside a removal in one change, with --continue-on-error: the removal is finished when a Ready node stays,
// and the state stays whole.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import { createStack, host, nodes, onHost, readyNodes, remainsOf } from "../support/test-lab.ts";

let stack: LabStack;

const declare = (...indexes: readonly number[]): void =>
  stack.declare([{ name: "workers", hosts: indexes.map((at) => host(at)) }]);

beforeAll(async () => {
  stack = await createStack("continue");
  declare(1);
  await succeeds(stack.up());
  await onHost("w2", "mkdir -p /etc/rancher/k3s");
});

afterAll(async () => {
  await onHost("w2", "rm -rf /etc/rancher");
  await succeeds(stack.destroy());
});

it("keeps the last node when the one that was to take its place is refused", async () => {
  declare(2);
  const run = await fails(stack.up("--continue-on-error"));
  expect(run.text).toMatch(/k3s/);
  expect(run.text).toMatch(/no node that stays is Ready: w1 is kept\. Mend w2 \(not in the cluster\)/);
  expect(await readyNodes()).toEqual(["w1"]);
});

it("D-P03 removes one host although another one is refused, all leaving nodes cordoned first", async () => {
  declare(1, 3);
  await succeeds(stack.up());
  declare(3, 2);
  const run = await fails(stack.up("--continue-on-error"));
  expect(run.text).toMatch(/k3s/);
  expect(run.text).toMatch(/cordoned before the first drain: w1/);
  expect([...(await nodes()).keys()]).toEqual(["w3"]);
  expect(await remainsOf("w1")).toEqual([]);
});

it("has nothing in its outputs of a host that is no node", async () => {
  const output = await succeeds(stack.run(["stack", "output", "nodes", "--json"]));
  expect(Object.keys(JSON.parse(output.text))).toEqual(["w3"]);
});

it("leaves a state from which the next up joins the mended host", async () => {
  await onHost("w2", "rm -rf /etc/rancher");
  await succeeds(stack.up());
  expect(await readyNodes()).toEqual(["w2", "w3"]);
  await succeeds(stack.isSettled());
});
