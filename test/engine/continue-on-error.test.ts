// One bad host beside a removal in one change, with --continue-on-error: the removal is finished when a Ready node stays,
// and the state stays whole.
import { beforeAll, expect, it } from "vitest";
import { nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("continue", 3);

const declare = (...indexes: readonly number[]): void =>
  scene.stack.declare([{ name: "workers", hosts: indexes.map((at) => scene.host(at).declare()) }]);

beforeAll(async () => {
  declare(1);
  await succeeds(scene.stack.up());
  await scene.host(2).run("mkdir -p /etc/rancher/k3s");
});

it("keeps the last node when the one that was to take its place is refused", async () => {
  declare(2);
  const run = await fails(scene.stack.up("--continue-on-error"));
  expectSaid(run, "HostEnrollment w2", /k3s/);
  expectSaid(run, "Roster cluster", "no node that stays is Ready: w1 is kept. Mend w2 (not in the cluster)");
  expect(await readyNodes()).toEqual(["w1"]);
  expect(scene.stack.namesOf("NodeMembership")).toEqual(["w1"]);
});

it("D-P03 removes one host although another one is refused, all leaving nodes cordoned first", async () => {
  declare(1, 3);
  await succeeds(scene.stack.up());
  declare(3, 2);
  const run = await fails(scene.stack.up("--continue-on-error"));
  expectSaid(run, "HostEnrollment w2", /k3s/);
  expectSaid(run, "Roster cluster", "cordoned before the first drain: w1");
  expect([...(await nodes()).keys()]).toEqual(["w3"]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
});

it("has nothing in its outputs of a host that is no node", async () => {
  const { nodes: told } = (await scene.stack.outputs()) as { nodes: Record<string, { removal?: string }> };
  const declared = Object.keys(told).filter((name) => told[name]?.removal === undefined);
  expect(declared).toEqual(["w3"]);
});

it("leaves a state from which the next up joins the mended host", async () => {
  await scene.host(2).run("rm -rf /etc/rancher");
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w2", "w3"]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});
