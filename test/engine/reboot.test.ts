// Reboots by rebootTrigger: drained, one at a time, Ready with a new boot id; a host that does not come back.
import { beforeAll, expect, it } from "vitest";
import { guarded } from "../support/marks.ts";
import { changeNode, currentRevision, historySince, nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, fails, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const rebooting = guarded("rebooting");
const scene = setScene("reboot", 2);

function declare(triggers: readonly string[], pool: object = {}, cluster: object = {}): void {
  const hosts = triggers.map((rebootTrigger, at) => scene.host(at + 1).declare({ rebootTrigger }));
  scene.stack.declare([{ name: "workers", ...pool, hosts }], { cluster });
}

const bootIds = async () => [...(await nodes()).values()].map(({ status }) => status?.nodeInfo?.bootID);

beforeAll(async () => {
  declare(["1", "1"]);
  await succeeds(scene.stack.up());
  await scene.pods.create("w1", "one");
});

it("was only recorded at the join", async () => {
  const marks = [...(await nodes()).values()].map(({ metadata }) => metadata?.labels?.[rebooting]);
  expect(marks).toEqual([undefined, undefined]);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
});

it("reboots two hosts one after the other, drained; an operator's cordon stays", async () => {
  const before = await bootIds();
  await changeNode("w2", { spec: { unschedulable: true } });
  declare(["2", "2"]);
  const revision = await currentRevision();
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "Roster cluster", "2 nodes are drained and rebooted: w1, w2");
  expectSaid(run, "NodeMembership w1", "drained: 1 pod moved");
  // Each change of a Node, in the order in which the cluster had them.
  const marked = new Set<string>();
  let most = 0;
  for (const { metadata } of (await historySince(revision)).nodes) {
    const name = metadata?.name ?? "";
    if (metadata?.labels?.[rebooting] === undefined) marked.delete(name);
    else marked.add(name);
    most = Math.max(most, marked.size);
  }
  expect(most).toBe(1);
  const after = await bootIds();
  expect(after.filter((id) => before.includes(id))).toEqual([]);
  expect(await readyNodes()).toEqual(["w1"]);
  expect(await scene.pods.staying()).toEqual([]);
});

it("fails within readyTimeoutSeconds for a host that stays away, saying what was last seen", async () => {
  await changeNode("w2", { spec: { unschedulable: null } });
  const before = await bootIds();
  await scene.host(2).run("touch /run/stays-down");
  declare(["2", "3"], { readyTimeoutSeconds: 10 });
  expectSaid(
    await fails(scene.stack.up()),
    "NodeMembership w2",
    'rebooting node "w2" at 127.0.0.1: not back after 10 s; last seen: still the former boot',
  );
  expect(await bootIds()).toEqual(before);
  expect(await readyNodes()).toEqual(["w1"]);
});

it("goes on once the host is on again, without another reboot of it", async () => {
  await scene.host(2).run("rm /run/stays-down; systemctl reboot");
  const boot = await scene.host(2).run("cat /proc/sys/kernel/random/boot_id");
  declare(["2", "3"]);
  await succeeds(scene.stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect((await nodeNamed("w2")).status?.nodeInfo?.bootID).toBe(boot);
  expect((await nodeNamed("w2")).metadata?.labels?.[rebooting]).toBeUndefined();
});

it("stays cordoned where a check does not hold after its drain, whatever a failed drain restores", async () => {
  await scene.pods.create("w1", "two");
  const before = await bootIds();
  const verify = { withinSeconds: 1, checks: [{ name: "web", namespace: "default", pods: "app=web" }] };
  declare(["4", "3"], { drain: { onFailure: "restore" } }, { verify });
  const run = await fails(scene.stack.up());
  expectSaid(run, "NodeMembership w1", 'web (pods "app=web" of namespace default): selects no pod');
  expectSaid(run, "NodeMembership w1", "The Node stays cordoned and its host is not touched");
  expect([await bootIds(), await readyNodes()]).toEqual([before, ["w2"]]);
});
