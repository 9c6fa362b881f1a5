// A drain that a budget forbids: it fails in time, leaves everything resumable, and the next run finishes it.
import { beforeAll, expect, it } from "vitest";
import { nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("blocked", 2);

function declare(count: number, timeoutSeconds = 10): void {
  const hosts = scene.hosts.map((host) => host.declare());
  scene.stack.declare([{ name: "workers", count, drain: { timeoutSeconds }, hosts }]);
}

beforeAll(async () => {
  declare(2);
  await succeeds(scene.stack.up());
  await scene.pods.create("w2", "single");
  const one = { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 };
  await scene.pods.setBudget("single", { minAvailable: 1 }, one);
});

it("D-V03 tells at preview that the budget can never allow it", async () => {
  declare(1);
  const preview = await succeeds(scene.stack.preview());
  expectSaid(preview, "Roster cluster", "budget default/single allows no eviction and will not by itself");
});

it("D-V27 D-P10 J-27 fails at the drain limit, naming pod and budget; Node and host stay as they are, cordoned", async () => {
  const run = await fails(scene.stack.up());
  const said = saidOf(run).join("\n");
  expect(said).toMatch(/draining node "w2": 1 pod still there after \d+ s/);
  expect(said).toContain("default/single");
  expect(said).toMatch(/budget default\/single|disruption budget single/);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBe(true);
  expect(await scene.host(2).run("ls /etc/kubernetes/kubelet.conf /run/kubelet-is-active | wc -l")).toBe("2");
  expect(await scene.pods.staying()).toEqual(["single"]);
});

it("J-A8 shows in the outputs what is still there, with what is pending, as long as it is", async () => {
  const removals = async () => {
    const { nodes: told } = (await scene.stack.outputs()) as { nodes: Record<string, object> };
    return told;
  };
  const [w1, w2] = [
    { pool: "workers", ready: "True", schedulable: true },
    { pool: "workers", ready: "True", schedulable: false, removal: "pending" },
  ];
  expect(await removals()).toMatchObject({ w1, w2 });
  await fails(scene.stack.up());
  expect(await removals()).toMatchObject({ w1, w2 });
});

it("lifts its own cordon when the host is declared again", async () => {
  declare(2);
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2"]);
});

it("J-27 finishes once the budget is relaxed", async () => {
  declare(1);
  await fails(scene.stack.up());
  await scene.pods.deleteBudget("single");
  declare(1, 60);
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  expect(await remainsOf(scene.host(2))).toEqual([]);
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
  await succeeds(scene.stack.up("--expect-no-changes"));
  expect(Object.keys((await scene.stack.outputs()).nodes as object)).toEqual(["w1"]);
});
