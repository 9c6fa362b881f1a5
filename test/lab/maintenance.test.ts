// A node taken out of service and back by its host's state, and a change of members that is too large.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack } from "../../lab/stack.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  loginsOn,
  nodes,
  readyNodes,
} from "../support/test-lab.ts";
import { isServing, spreadDeployment, stayingPods } from "../support/workloads.ts";

describe("a host's state", () => {
  let stack: LabStack;

  async function declare(state: string): Promise<string> {
    stack.declare([{ name: "workers", hosts: [host(1), host(2, { state })] }]);
    return (await succeeds(stack.up())).text;
  }

  const allServe = () => isServing("shop", 4);
  const podsOn = (node: string) =>
    kubectl("get", "pods", "-l", "app=shop", "--field-selector", `spec.nodeName=${node}`, "-o", "name");

  beforeAll(async () => {
    stack = await createStack("states");
    await declare("active");
    await apply(...spreadDeployment("shop", 4, 1));
    await eventually("all replicas", 60, allServe);
    expect(await podsOn("w2")).not.toBe("");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment,pdb", "--all", "--wait=false");
    // Limits do not bind destroy.
    await succeeds(stack.destroy());
  });

  it("cordoned keeps the pods, and nobody logs in to the host", async () => {
    const [pods, logins] = [await stayingPods("shop"), await loginsOn("w2")];
    await declare("cordoned");
    expect(await readyNodes()).toEqual(["w1"]);
    expect(await stayingPods("shop")).toEqual(pods);
    // Counting takes a login itself.
    expect(await loginsOn("w2")).toBe(logins + 1);
  });

  it("maintenance says at preview what moves, and drains the node under the budget", async () => {
    const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
    await using watch = watchBudget([command, ...argv], labEnvironment(lab), "default", "shop");
    await eventually("the first state of the budget", 20, async () => watch.seen() > 0);
    stack.declare([{ name: "workers", hosts: [host(1), host(2, { state: "maintenance" })] }]);
    const preview = await succeeds(stack.preview());
    expect(preview.text).toMatch(/1 node is drained for maintenance: w2/);
    expect(preview.text).toMatch(/2 pods move: default\/Deployment shop 2/);
    const text = await declare("maintenance");
    expect(text).toMatch(/drained: 2 pods moved/);
    await eventually("all replicas on one node", 60, allServe);
    expect(watch.violations()).toEqual([]);
    expect(await podsOn("w2")).toBe("");
    expect((await nodes()).get("w2")?.spec.unschedulable).toBe(true);
  });

  it("is given up after its drain failed: the node is uncordoned", async () => {
    await declare("active");
    await kubectl("patch", "pdb", "shop", "--type=merge", "-p", '{"spec":{"maxUnavailable":0}}');
    const drain = { timeoutSeconds: 10 };
    stack.declare([{ name: "workers", drain, hosts: [host(1, { state: "maintenance" }), host(2)] }]);
    await fails(stack.up());
    expect(await readyNodes()).toEqual(["w2"]);
    await declare("active");
    expect(await readyNodes()).toEqual(["w1", "w2"]);
    await succeeds(stack.isSettled());
    await kubectl("patch", "pdb", "shop", "--type=merge", "-p", '{"spec":{"maxUnavailable":1}}');
    await declare("maintenance");
  });

  it("active uncordons the node in place, and nobody logs in to the host", async () => {
    const logins = await loginsOn("w2");
    await declare("active");
    expect(await readyNodes()).toEqual(["w1", "w2"]);
    expect(await loginsOn("w2")).toBe(logins + 1);
    await succeeds(stack.isSettled());
  });

  it("J-35 a removal over the limits is refused at preview and by up, naming the override; nothing is done", async () => {
    stack.declare([{ name: "workers", count: 0, hosts: [host(1), host(2)] }]);
    const [preview, run] = [await stack.preview(), await stack.up("--continue-on-error")];
    expect([preview.ok, run.ok], preview.text + run.text).toEqual([false, false]);
    const refusal =
      /pool "workers": 2 of 2 nodes leave \(w1, w2\), limits\.maxRemovals allows 1\. If that is meant, set limits\.maxRemovals: 2/;
    expect(preview.text).toMatch(refusal);
    expect(run.text).toMatch(refusal);
    expect(await readyNodes()).toEqual(["w1", "w2"]);
  });
});
