// More new hosts than may join at once: they take turns, also when the engine has fewer workers than there are hosts.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import { createStack, hosts, onHost, readyNodes } from "../support/test-lab.ts";

let stack: LabStack;

/** Declares one pool of these hosts, of which one may join at a time. */
function declare(count: number): void {
  stack.declare([{ name: "workers", hosts: hosts(count) }], { ssh: { parallelJoins: 1 } });
}

beforeAll(async () => {
  stack = await createStack("turns");
  await onHost("w1", "mkdir -p /etc/rancher/k3s");
});

afterAll(async () => {
  await onHost("w1", "rm -rf /etc/rancher");
  await succeeds(stack.destroy());
});

it("J-04 a host that is refused gives its turn on", async () => {
  declare(2);
  const run = await fails(stack.up("--continue-on-error"));
  expect(run.text).toMatch(/k3s/);
  expect(await readyNodes()).toEqual(["w2"]);
});

it("J-04 hosts wait for their turns without keeping the engine's only worker", async () => {
  await onHost("w1", "rm -rf /etc/rancher");
  declare(4);
  const start = Date.now();
  await succeeds(stack.up("--parallel", "1"));
  expect(Date.now() - start).toBeLessThan(120_000);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3", "w4"]);
});
