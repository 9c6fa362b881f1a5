// A saved plan with a new host, a pool that moves to another stack, and a node that is given back to an administrator
// with its pods.
import { join } from "node:path";
import { expect, it } from "vitest";
import { guarded } from "../support/marks.ts";
import { changeNode, nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { expectSaid, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";
import { EngineStack } from "./site/stack.ts";

const scene = setScene("handed-over", 3);
let other: EngineStack;

function declare(hosts: readonly number[], stack = scene.stack): void {
  stack.declare([{ name: "workers", hosts: hosts.map((index) => scene.host(index).declare()) }]);
}

it("J-A5 joins one host and removes another by a plan that was saved before", async () => {
  declare([1, 3]);
  await succeeds(scene.stack.up());
  declare([1, 2]);
  const plan = join(scene.site.folder, "handed-over.plan");
  const preview = await succeeds(scene.stack.preview("--save-plan", plan));
  await succeeds(scene.stack.up("--plan", plan));
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2"]);
  // The outputs of a preview hold no node: the CLI would print all of them.
  expectSaid(preview, "Cluster cluster", "pool workers: 2 nodes; 1 Ready; 1 differs after this run: w2");
  expect(preview.text).not.toContain("containerRuntime");
});

it("J-A18 moves a pool into another stack: its nodes are stamped anew and stay as they are", async () => {
  await scene.pods.create("w1", "shop");
  const before = (await nodeNamed("w1")).metadata?.uid;
  other = await EngineStack.create(scene.site, "taken-over");
  const urn = scene.stack.state().get("NodePool workers")?.urn ?? "";
  declare([1, 2], other);
  await scene.stack.move(urn, other);
  await succeeds(other.up());
  // What would be the removal of all nodes is none: the other stack has them.
  scene.stack.declare([{ name: "others", hosts: [{ ...scene.host(3).declare(), state: "spare" }] }]);
  const run = await succeeds(scene.stack.up());
  expect(saidOf(run, "Roster cluster").filter((line) => /leave|cordon|move/.test(line))).toEqual([]);
  const { metadata, spec } = await nodeNamed("w1");
  expect(metadata?.uid).toBe(before);
  expect(metadata?.labels?.[guarded("pool")]).toBe("workers");
  expect(metadata?.annotations?.["nodepools.local/owner"]).toBe(other.owner);
  expect(spec?.unschedulable).toBeUndefined();
  expect(await scene.host(1).run("head -n 1 /var/lib/nodepools/owner")).toBe(`owner=${other.owner}`);
  expect(await scene.pods.staying()).toContain("shop");
});

it("J-A15 gives a node back by the runbook: it stays as it is, and no step of a run is about it or about the others", async () => {
  await scene.pods.create("w2", "web");
  await changeNode("w2", {
    metadata: {
      labels: { [guarded("owner")]: null, [guarded("pool")]: null },
      annotations: { "nodepools.local/owner": null, "nodepools.local/pool": null },
    },
  });
  await scene.host(2).run("rm -r /var/lib/nodepools");
  const urn = other.state().get("PoolNode w2")?.urn ?? "";
  await other.ask(["state", "delete", urn, "--target-dependents", "--yes"]);
  declare([1], other);
  const run = await succeeds(other.up());
  expect(stepsOf(run).filter((step) => / w\d$/.test(step))).toEqual([]);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBeUndefined();
  expect(await scene.pods.staying()).toContain("web");
});
