// Nodes taken out of service and back by their hosts' states, and a change of members that is too large.
import { beforeAll, expect, it } from "vitest";
import { changeNode, nodeNamed, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("states", 3);

function declare(states: readonly string[], pool: object = {}): void {
  const hosts = states.map((state, at) => scene.host(at + 1).declare({ state }));
  scene.stack.declare([{ name: "workers", maxUnavailable: 2, ...pool, hosts }]);
}

const active = ["active", "active", "active"];
const logins = () => scene.hosts.map((host) => host.logins());

beforeAll(async () => {
  declare(active);
  await succeeds(scene.stack.up());
  for (const name of ["a", "b"]) await scene.pods.create("w2", name);
  await scene.pods.create("w3", "c");
  const status = { currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 2, expectedPods: 4 };
  await scene.pods.setBudget("shop", { maxUnavailable: 2 }, status);
});

it("maintenance drains the node; cordoned keeps the pods, and nobody logs in to its host", async () => {
  const before = logins()[2];
  declare(["active", "maintenance", "cordoned"]);
  expectSaid(await succeeds(scene.stack.up()), "NodeMembership w2", "drained: 2 pods moved");
  expect(await scene.pods.staying()).toEqual(["c"]);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBe(true);
  expect(await readyNodes()).toEqual(["w1"]);
  expect(logins()[2]).toBe(before);
});

it("J-M17 is drained again once its cordon was lifted by hand, told and measured like another node's first time", async () => {
  await changeNode("w2", { spec: { unschedulable: null } });
  // Nobody counts anew what it allows.
  await scene.pods.deleteBudget("shop");
  await scene.pods.create("w2", "late");
  declare(["active", "maintenance", "maintenance"]);
  const preview = await succeeds(scene.stack.preview());
  expectSaid(preview, "Roster cluster", "2 nodes are drained for maintenance: w2, w3");
  expectSaid(preview, "Roster cluster", "2 pods move: default/ReplicaSet web 2");
  expect(await scene.pods.staying()).toEqual(["c", "late"]);
  const run = await succeeds(scene.stack.up());
  for (const node of ["w2", "w3"]) expectSaid(run, `NodeMembership ${node}`, "drained: 1 pod moved");
  expectSaid(run, "Roster cluster", /pool workers, \d+ s: 2 nodes drained \(w2, w3\); 2 pods moved/);
  expect([await scene.pods.staying(), await readyNodes()]).toEqual([[], ["w1"]]);
});

it("active uncordons nodes in place, also one whose drain has failed, and nobody logs in to their hosts", async () => {
  await scene.pods.create("w1", "d");
  const status = { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
  await scene.pods.setBudget("none", { maxUnavailable: 0 }, status);
  declare(["maintenance", "maintenance", "cordoned"], { drain: { timeoutSeconds: 10 } });
  await fails(scene.stack.up());
  expect(await readyNodes()).toEqual([]);

  const before = logins();
  declare(active);
  const steps = stepsOf(await succeeds(scene.stack.up()));
  expect(steps.filter((step) => /HostEnrollment|Command|delete|replace/.test(step))).toEqual([]);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
  expect(await scene.pods.staying()).toEqual(["d"]);
  expect(logins()).toEqual(before);
  await scene.pods.deleteBudget("none");
});

it("J-35 a removal over the limits is refused, naming the override; nothing is done", async () => {
  declare(active, { count: 0 });
  const refusal =
    'pool "workers": 3 of 3 nodes leave (w1, w2, w3), limits.maxRemovals allows 1. If that is meant, set limits.maxRemovals: 3';
  expectSaid(await fails(scene.stack.up("--continue-on-error")), "Roster cluster", refusal);
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
});
