// A saved plan with a new host; and what leaves the state of a stack and stays a node: one that is given back to an
// administrator with its pods, and a pool that moves to another stack.
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { guarded } from "../support/marks.ts";
import { changeNode, nodeNamed, nodes, readyNodes } from "./site/nodes.ts";
import { type EngineRun, expectSaid, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";
import { EngineStack } from "./site/stack.ts";

const scene = setScene("handed-over", 3);
const declare = (...hosts: number[]) =>
  scene.stack.declare([{ name: "workers", hosts: hosts.map((index) => scene.host(index).declare()) }]);

it("J-A5 joins one host and removes another by a plan that was saved before", async () => {
  declare(1, 3);
  await succeeds(scene.stack.up());
  declare(1, 2);
  const plan = join(scene.site.folder, "handed-over.plan");
  const preview = await succeeds(scene.stack.preview("--save-plan", plan));
  await succeeds(scene.stack.up("--plan", plan));
  expect(await readyNodes()).toEqual(["w1", "w2"]);
  expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2"]);
  // The outputs of a preview hold no node: the CLI would print all of them.
  expectSaid(preview, "Cluster cluster", "pool workers: 2 nodes; 1 Ready; 1 differs after this run: w2");
  expect(preview.text).not.toContain("containerRuntime");
});

describe("what is taken out of the state of a stack", () => {
  let former: string | undefined;
  let other: EngineStack;
  let run: EngineRun;

  beforeAll(async () => {
    former = (await nodeNamed("w1")).metadata?.uid;
    await scene.pods.create("w1", "shop");
    await scene.pods.create("w2", "web");
    await giveBack();
    other = await moveAway();
    // What would be the removal of all nodes is none: nobody has one any more, another stack has the other.
    scene.stack.declare([{ name: "others", hosts: [{ ...scene.host(3).declare(), state: "spare" }] }]);
    run = await succeeds(scene.stack.up());
  });

  /** Gives w2 to an administrator as the runbook does. */
  async function giveBack(): Promise<void> {
    await changeNode("w2", {
      metadata: {
        labels: { [guarded("owner")]: null, [guarded("pool")]: null },
        annotations: { "nodepools.local/owner": null, "nodepools.local/pool": null },
      },
    });
    await scene.host(2).run("rm -r /var/lib/nodepools");
    const urn = scene.stack.state().get("PoolNode w2")?.urn ?? "";
    await scene.stack.ask(["state", "delete", urn, "--target-dependents", "--yes"]);
  }

  /** Moves the pool, in which w1 is left, to a stack that takes it over. */
  async function moveAway(): Promise<EngineStack> {
    const stack = await EngineStack.create(scene.site, "taken-over");
    const urn = scene.stack.state().get("NodePool workers")?.urn ?? "";
    stack.declare([{ name: "workers", hosts: [scene.host(1).declare()] }]);
    await scene.stack.move(urn, stack);
    await succeeds(stack.up());
    return stack;
  }

  it("J-A15 a node that was given back by the runbook stays as it is, and no step of a run is about it", async () => {
    expect(stepsOf(run).filter((step) => step.endsWith(" w2"))).toEqual([]);
    expect(await readyNodes()).toEqual(["w1", "w2"]);
    expect((await nodeNamed("w2")).spec?.unschedulable).toBeUndefined();
    expect(await scene.pods.staying()).toContain("web");
  });

  it("J-A18 the nodes of a pool that was moved into another stack are stamped anew and stay as they are", async () => {
    expect(saidOf(run, "Roster cluster").filter((line) => /leave|cordon|move/.test(line))).toEqual([]);
    const { metadata, spec } = await nodeNamed("w1");
    expect(metadata?.uid).toBe(former);
    expect(metadata?.labels?.[guarded("pool")]).toBe("workers");
    expect(metadata?.annotations?.["nodepools.local/owner"]).toBe(other.owner);
    expect(spec?.unschedulable).toBeUndefined();
    expect(await scene.host(1).run("head -n 1 /var/lib/nodepools/owner")).toBe(`owner=${other.owner}`);
    expect(await scene.pods.staying()).toContain("shop");
    expect(stepsOf(await succeeds(other.preview()))).toEqual([]);
  });
});
