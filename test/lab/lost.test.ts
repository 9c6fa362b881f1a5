// A machine that died: declared lost, a spare takes its place; it comes back only when it may be wiped.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { power } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  nodes,
  readyNodes,
  uidOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const lost = { state: "lost" };

function heldPod(node: string): object {
  const spec = { nodeName: node, containers: [{ name: "held", image: "lab.local/busybox:1" }] };
  const metadata = { name: "held", namespace: "default", finalizers: ["example.com/held"] };
  return { apiVersion: "v1", kind: "Pod", metadata, spec };
}

describe("a lost host", () => {
  let stack: LabStack;

  function declare(count: number, w2: object): void {
    stack.declare([{ name: "workers", count, hosts: [host(1), host(2, w2), host(3)] }]);
  }

  beforeAll(async () => {
    stack = await createStack("lost");
    declare(2, {});
    await succeeds(stack.up());
    await apply(deploymentOn("w2", "two"), heldPod("w2"));
    await eventually("the pod", 60, async () => (await stayingPods("two")).length === 1);
  });

  afterAll(async () => {
    await power(lab, "w2", "on");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("is refused at preview while its kubelet reports", async () => {
    declare(2, lost);
    const preview = await fails(stack.preview());
    expect(preview.text).toMatch(/lost node "w2": its kubelet still reports \(Ready is not Unknown\)/);
  });

  it("J-29 D-P04 D-P08 leaves without being contacted, its stuck pods go, and a spare takes its place in the same run", async () => {
    await power(lab, "w2", "off");
    await untilSilent("w2");
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/1 node is lost and removed at once: w2/);
    const start = Date.now();
    const run = await succeeds(stack.up());
    expect(Date.now() - start).toBeLessThan(40_000);
    expect(run.text).toMatch(/lost: Node deleted, 2 pods removed \(default\/held, default\/two-/);
    expect(run.text).toMatch(
      /1 pod deleted, but kept by finalizers until their owners remove these: default\/held/,
    );
    expect(await readyNodes()).toEqual(["w1", "w3"]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w3"]);
    await kubectl("patch", "pod", "held", "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
    await succeeds(stack.isSettled());
  });

  it("is refused at preview when it is declared again as it was", async () => {
    await power(lab, "w2", "on");
    await eventually("w2 to register itself again", 60, async () => (await nodes()).has("w2"));
    declare(3, {});
    const preview = await fails(stack.preview());
    expect(preview.text).toMatch(/host "w2" was declared lost.*Give it a new rejoinTrigger/);
  });

  it("is reset and joined with a new rejoinTrigger", async () => {
    const former = await uidOf("w2");
    declare(3, { rejoinTrigger: "1" });
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/reset before joining/);
    const w2 = (await nodes()).get("w2");
    expect(w2?.metadata.uid).not.toBe(former);
    expect(w2?.metadata.annotations["nodepools.local/owner"]).toBe("organization/nodepools/lost");
    expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
    await succeeds(stack.isSettled());
  });
});
