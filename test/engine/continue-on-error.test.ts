// Bad hosts beside joins and a removal in one change, with --continue-on-error: what can be finished is, when a Ready node
// stays, and the state stays whole. Hosts join one at a time: they take turns.
import { beforeAll, expect, it } from "vitest";
import { nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("continue", 5);

function declare(...indexes: readonly number[]): void {
  const hosts = indexes.map((at) => scene.host(at).declare());
  scene.stack.declare([{ name: "workers", hosts }], { ssh: { parallelJoins: 1 } });
}

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

it("J-04 D-P03 a host that is refused gives its turn to another one, which takes the place of one that leaves", async () => {
  declare(2, 3);
  const run = await fails(scene.stack.up("--continue-on-error"));
  expectSaid(run, "HostEnrollment w2", /k3s/);
  expectSaid(run, "Roster cluster", "cordoned before the first drain: w1");
  expect([...(await nodes()).keys()]).toEqual(["w3"]);
  expect(await readyNodes()).toEqual(["w3"]);
  expect(await remainsOf(scene.host(1))).toEqual([]);
});

it("has nothing in its outputs of a host that is no node", async () => {
  const { nodes: told } = (await scene.stack.outputs()) as { nodes: Record<string, { removal?: string }> };
  const declared = Object.keys(told).filter((name) => told[name]?.removal === undefined);
  expect(declared).toEqual(["w3"]);
});

it("J-04 leaves a state from which the mended host joins, beside others that wait for their turns without keeping the engine's only worker", async () => {
  await scene.host(2).run("rm -rf /etc/rancher");
  declare(2, 3, 4, 5);
  await succeeds(scene.stack.up("--parallel", "1"));
  expect(await readyNodes()).toEqual(["w2", "w3", "w4", "w5"]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});
