// A node taken out of service and back by its host's state, and a change of members that is too large.
import { beforeAll, expect, it } from "vitest";
import { changeNode, nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { type EngineRun, expectSaid, fails, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("states", 2);

function declare(states: readonly string[], pool: object = {}): void {
  const hosts = states.map((state, at) => scene.host(at + 1).declare({ state }));
  scene.stack.declare([{ name: "workers", ...pool, hosts }]);
}

async function apply(...states: readonly string[]): Promise<EngineRun> {
  declare(states);
  return succeeds(scene.stack.up());
}

const logins = () => scene.hosts.map((host) => host.logins());
const hostSteps = (run: EngineRun) =>
  stepsOf(run).filter((step) => /HostEnrollment|Command|delete|replace/.test(step));

beforeAll(async () => {
  await apply("active", "active");
  for (const name of ["a", "b"]) await scene.pods.create("w2", name);
  const status = { currentHealthy: 4, desiredHealthy: 3, disruptionsAllowed: 2, expectedPods: 4 };
  await scene.pods.setBudget("shop", { maxUnavailable: 2 }, status);
});

it("cordoned keeps the pods, and nobody logs in to the host", async () => {
  const before = logins();
  await apply("active", "cordoned");
  expect(await readyNodes()).toEqual(["w1"]);
  expect(await scene.pods.staying()).toEqual(["a", "b"]);
  expect(logins()).toEqual(before);
});

it("maintenance says at preview what moves, and drains the node", async () => {
  declare(["active", "maintenance"]);
  const preview = await succeeds(scene.stack.preview());
  expectSaid(preview, "Roster cluster", "1 node is drained for maintenance: w2");
  expectSaid(preview, "Roster cluster", "2 pods move: default/ReplicaSet web 2");
  expect(await scene.pods.staying()).toEqual(["a", "b"]);
  expectSaid(await succeeds(scene.stack.up()), "NodeMembership w2", "drained: 2 pods moved");
  expect(await scene.pods.staying()).toEqual([]);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBe(true);
});

it("J-M17 is drained again once its cordon was lifted by hand, as the preview says, and measured like the first time", async () => {
  await changeNode("w2", { spec: { unschedulable: null } });
  // Nobody counts anew what it allows.
  await scene.pods.deleteBudget("shop");
  await scene.pods.create("w2", "late");
  const preview = await succeeds(scene.stack.preview());
  expectSaid(preview, "Roster cluster", "1 node is drained for maintenance: w2");
  expectSaid(preview, "Roster cluster", "1 pod moves: default/ReplicaSet web 1");
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "NodeMembership w2", "drained: 1 pod moved");
  expectSaid(run, "Roster cluster", /pool workers, \d+ s: 1 node drained \(w2\); 1 pod moved/);
  expect([await scene.pods.staying(), await readyNodes()]).toEqual([[], ["w1"]]);
});

it("active uncordons the node in place, and nobody logs in to the host", async () => {
  const before = logins();
  const run = await apply("active", "active");
  expect(hostSteps(run)).toEqual([]);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect(logins()).toEqual(before);
});

it("is given up after its drain failed: the node is uncordoned", async () => {
  await scene.pods.create("w1", "c");
  await scene.pods.setBudget(
    "none",
    { maxUnavailable: 0 },
    { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  );
  declare(["maintenance", "active"], { drain: { timeoutSeconds: 10 } });
  await fails(scene.stack.up());
  expect(await readyNodes()).toEqual(["w2"]);
  await apply("active", "active");
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect(await scene.pods.staying()).toEqual(["c"]);
  await scene.pods.deleteBudget("none");
});

it("J-35 a removal over the limits is refused at preview and by up, naming the override; nothing is done", async () => {
  declare(["active", "active"], { count: 0 });
  const refusal =
    'pool "workers": 2 of 2 nodes leave (w1, w2), limits.maxRemovals allows 1. If that is meant, set limits.maxRemovals: 2';
  expectSaid(await fails(scene.stack.preview()), "Roster cluster", refusal);
  expectSaid(await fails(scene.stack.up("--continue-on-error")), "Roster cluster", refusal);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect([...(await nodes()).keys()]).toEqual(["w1", "w2"]);
});
