// A drain that a budget forbids: it fails in time, leaves everything resumable, and the next run finishes it.
import { beforeAll, expect, it } from "vitest";
import { nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, succeeds } from "./site/run.ts";
import { remainsOf, setScene } from "./site/scene.ts";

const scene = setScene("blocked", 3);

function declare(hosts: readonly number[], timeoutSeconds = 10): void {
  const declared = hosts.map((index) => scene.host(index).declare());
  const drain = { timeoutSeconds };
  const limits = { maxRemovals: 2 };
  scene.stack.declare([{ name: "workers", drain, limits, maxUnavailable: 2, hosts: declared }]);
}

const member = { pool: "workers", ready: "True", schedulable: true };
const pending = { ...member, schedulable: false, removal: "pending" };

/** What the outputs of the stack tell of its nodes. */
async function told(): Promise<Record<string, object>> {
  return (await scene.stack.outputs()).nodes as Record<string, object>;
}

beforeAll(async () => {
  declare([1, 2, 3]);
  await succeeds(scene.stack.up());
  for (const index of [2, 3]) await scene.pods.create(`w${index}`, `single-${index}`);
  const two = { currentHealthy: 2, desiredHealthy: 2, expectedPods: 2 };
  await scene.pods.setBudget("single", { minAvailable: 2 }, two);
});

it("D-V03 tells at preview that the budget can never allow it", async () => {
  declare([1]);
  const preview = await succeeds(scene.stack.preview());
  expectSaid(preview, "Roster cluster", "budget default/single allows no eviction and will not by itself");
});

it("D-V27 D-P10 J-27 fails at the drain limit, naming pod and budget; Nodes and hosts stay as they are, cordoned", async () => {
  const said = saidOf(await fails(scene.stack.up("--continue-on-error"))).join("\n");
  expect(said).toMatch(/budget default\/single|disruption budget single/);
  for (const index of [2, 3]) {
    expect(said).toMatch(new RegExp(`draining node "w${index}": 1 pod still there after \\d+ s`));
    expect(said).toContain(`default/single-${index}`);
    expect((await nodeNamed(`w${index}`)).spec?.unschedulable).toBe(true);
    const files = "ls /etc/kubernetes/kubelet.conf /run/kubelet-is-active | wc -l";
    expect(await scene.host(index).run(files)).toBe("2");
  }
  expect(await scene.pods.staying()).toEqual(["single-2", "single-3"]);
  expect(await told()).toMatchObject({ w1: member, w2: pending, w3: pending });
});

it("J-A8 lifts its own cordon when a host is declared again, and shows in the outputs what is still pending", async () => {
  declare([1, 3]);
  await fails(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1", "w3"]);
  const { w3, ...others } = await told();
  expect(others).toMatchObject({ w1: member, w2: pending });
  expect(w3).toMatchObject(member);
  expect(w3).not.toHaveProperty("removal");
});

it("J-27 J-A8 finishes once the budget is relaxed, and shows no removal any more", async () => {
  await scene.pods.deleteBudget("single");
  declare([1, 3], 60);
  await succeeds(scene.stack.up());
  expect([...(await nodes()).keys()]).toEqual(["w1", "w3"]);
  expect(await remainsOf(scene.host(2))).toEqual([]);
  // The outputs tell of a Node until the run after its removal.
  await succeeds(scene.stack.up("--expect-no-changes"));
  expect(Object.keys(await told())).toEqual(["w1", "w3"]);
});
