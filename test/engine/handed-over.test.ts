// A saved plan with a new host, a node that is given back to an administrator with its pods, and a pool that moves to
// another stack.

import { join } from "node:path";
import { expect, it } from "vitest";
import { guarded } from "../support/marks.ts";
import { changeNode, nodeNamed, readyNodes } from "./site/nodes.ts";
import { type EngineRun, expectSaid, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";
import { EngineStack } from "./site/stack.ts";

const scene = setScene("handed-over", 2);
const declare = (...hosts: number[]) =>
  scene.stack.declare([{ name: "workers", hosts: hosts.map((index) => scene.host(index).declare()) }]);

async function upAsPlanned(): Promise<EngineRun> {
  const plan = join(scene.site.folder, "handed-over.plan");
  const preview = await succeeds(scene.stack.preview("--save-plan", plan));
  await succeeds(scene.stack.up("--plan", plan));
  return preview;
}

it("J-A5 removes and joins a host by plans that were saved before", async () => {
  declare(1, 2);
  await succeeds(scene.stack.up());
  declare(1);
  await upAsPlanned();
  expect(await readyNodes()).toEqual(["w1"]);
  declare(1, 2);
  const preview = await upAsPlanned();
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  // The outputs of a preview hold no node: the CLI would print all of them.
  expectSaid(preview, "Cluster cluster", "pool workers: 2 nodes; 1 Ready; 1 differs after this run: w2");
  expect(preview.text).not.toContain("containerRuntime");
});

it("J-A15 gives a node back by the runbook: it stays as it is, and no step of a run is about it", async () => {
  await scene.pods.create("w2", "web");
  await changeNode("w2", {
    metadata: {
      labels: { [guarded("owner")]: null, [guarded("pool")]: null },
      annotations: { "nodepools.local/owner": null, "nodepools.local/pool": null },
    },
  });
  await scene.host(2).run("rm -r /var/lib/nodepools");
  const urn = scene.stack.state().get("PoolNode w2")?.urn ?? "";
  await scene.stack.ask(["state", "delete", urn, "--target-dependents", "--yes"]);
  declare(1);
  const run = await succeeds(scene.stack.up());
  expect(stepsOf(run).filter((step) => step.endsWith(" w2"))).toEqual([]);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBeUndefined();
  expect(await scene.pods.staying()).toContain("web");
});

it("J-A18 moves a pool into another stack: its nodes are stamped anew and stay as they are", async () => {
  await scene.pods.create("w1", "shop");
  const before = (await nodeNamed("w1")).metadata?.uid;
  const other = await EngineStack.create(scene.site, "taken-over");
  const urn = scene.stack.state().get("NodePool workers")?.urn ?? "";
  other.declare([{ name: "workers", hosts: [scene.host(1).declare()] }]);
  await scene.stack.move(urn, other);
  await succeeds(other.up());
  // What would be the removal of the only node is none: the other stack has it.
  scene.stack.declare([{ name: "others", hosts: [{ ...scene.host(2).declare(), state: "spare" }] }]);
  const run = await succeeds(scene.stack.up());
  expect(saidOf(run, "Roster cluster").filter((line) => /leave|cordon|move/.test(line))).toEqual([]);
  const { metadata, spec } = await nodeNamed("w1");
  expect(metadata?.uid).toBe(before);
  expect(metadata?.labels?.[guarded("pool")]).toBe("workers");
  expect(metadata?.annotations?.["nodepools.local/owner"]).toBe(other.owner);
  expect(spec?.unschedulable).toBeUndefined();
  expect(await scene.host(1).run("head -n 1 /var/lib/nodepools/owner")).toBe(`owner=${other.owner}`);
  expect(await scene.pods.staying()).toContain("shop");
  expect(stepsOf(await succeeds(other.preview()))).toEqual([]);
});
