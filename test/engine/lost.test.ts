// A machine that died: declared lost, a spare takes its place; it comes back only when it may be wiped.
import { beforeAll, expect, it } from "vitest";
import { nodeNamed, nodes, readyNodes, setReady } from "./site/nodes.ts";
import { expectSaid, fails, saidOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("lost", 3);

function declare(count: number, hosts: Readonly<Record<1 | 2, object>>): void {
  const declared = scene.hosts.map((host, at) => host.declare({ ...hosts, 3: {} }[at + 1]));
  scene.stack.declare([{ name: "workers", count, hosts: declared }]);
}

beforeAll(async () => {
  declare(2, { 1: {}, 2: {} });
  await succeeds(scene.stack.up());
  await scene.pods.create("w2", "two");
  await scene.pods.create("w2", "held", { finalizers: ["example.com/held"] });
});

it("J-29 D-P04 D-P08 leaves without being contacted, its stuck pods go, and a spare takes its place in the same run", async () => {
  await scene.host(2).power("off");
  await setReady("w2", "Unknown");
  declare(2, { 1: {}, 2: { state: "lost" } });
  const run = await succeeds(scene.stack.up());
  const said = saidOf(run).join("\n");
  expectSaid(run, "Roster cluster", "1 node is lost and removed at once: w2");
  expect(said).toMatch(/lost: Node deleted, 2 pods removed \(default\/held, default\/two/);
  expect(said).toContain(
    "1 pod deleted, but kept by finalizers until their owners remove these: default/held",
  );
  expect(await readyNodes()).toEqual(["w1", "w3"]);
  expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w3"]);
  expect(await scene.pods.staying()).toEqual([]);
  await scene.pods.release("held");
});

it("is refused at preview while its kubelet reports, and when it is declared again as it was", async () => {
  await scene.host(2).power("on");
  await scene.host(2).run("systemctl start kubelet");
  declare(2, { 1: { state: "lost" }, 2: {} });
  const preview = await fails(scene.stack.preview());
  expectSaid(preview, "Roster cluster", 'lost node "w1": its kubelet still reports (Ready is not Unknown)');
  expect(saidOf(preview).join("\n")).toMatch(/host "w2" was declared lost.*Give it a new rejoinTrigger/);
});

it("is reset and joined with a new rejoinTrigger", async () => {
  const { metadata: former } = await nodeNamed("w2");
  declare(3, { 1: {}, 2: { rejoinTrigger: "1" } });
  const run = await succeeds(scene.stack.up());
  expectSaid(run, "HostEnrollment w2", "reset before joining");
  const { metadata } = await nodeNamed("w2");
  expect(metadata?.uid).not.toBe(former?.uid);
  expect(metadata?.annotations).toMatchObject({ "nodepools.local/owner": scene.stack.owner });
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
});
