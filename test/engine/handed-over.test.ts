// A saved plan with a new host, and a node that is given back to an administrator with its pods.

import { join } from "node:path";
import { expect, it } from "vitest";
import { guarded } from "../support/marks.ts";
import { changeNode, nodeNamed, readyNodes } from "./site/nodes.ts";
import { stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const scene = setScene("handed-over", 2);
const declare = (...hosts: number[]) =>
  scene.stack.declare([{ name: "workers", hosts: hosts.map((index) => scene.host(index).declare()) }]);

it("J-A5 joins a host by a plan that was saved before", async () => {
  declare(1);
  await succeeds(scene.stack.up());
  declare(1, 2);
  const plan = join(scene.site.folder, "handed-over.plan");
  await succeeds(scene.stack.preview("--save-plan", plan));
  await succeeds(scene.stack.up("--plan", plan));
  expect(await readyNodes()).toEqual(["w1", "w2"]);
});

it("J-A15 gives a node back by the runbook: it stays as it is, and no step of a run is about it", async () => {
  await scene.pods.create("w2", "web");
  await changeNode("w2", {
    metadata: {
      labels: { [guarded("owner")]: null, [guarded("pool")]: null },
      annotations: { "nodepools.local/owner": null, "nodepools.local/pool": null },
    },
  });
  await scene.host(2).run("rm /var/lib/nodepools/owner");
  const urn = scene.stack.state().get("PoolNode w2")?.urn ?? "";
  await scene.stack.ask(["state", "delete", urn, "--target-dependents", "--yes"]);
  declare(1);
  const run = await succeeds(scene.stack.up());
  expect(stepsOf(run).filter((step) => step.endsWith(" w2"))).toEqual([]);
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect((await nodeNamed("w2")).spec?.unschedulable).toBeUndefined();
  expect(await scene.pods.staying()).toContain("web");
});
