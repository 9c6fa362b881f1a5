// A host that somebody joined by hand: taken over as it is, and from then on a member like any other.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInLab, ssh } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  lab,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
  uidOf,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

/** Joins a host as an administrator does: a token printed on the control plane, typed on the host. */
async function joinByHand(name: string): Promise<void> {
  const printed = await runInLab(lab, ["kubeadm", "token", "create", "--print-join-command", "--ttl", "5m"]);
  expect(printed.status, printed.stderr).toBe(0);
  const join = await ssh(lab, name, printed.stdout.trim(), { timeoutSeconds: 120 });
  expect(join.status, join.stdout + join.stderr).toBe(0);
}

function pool(count: number): object[] {
  const taints = [{ key: "dedicated", value: "batch", effect: "NoSchedule" }];
  const shared = {
    labels: { "example.com/tier": "general" },
    taints,
    drain: { timeoutSeconds: 60 },
    limits: { maxRemovals: 1 },
  };
  return [{ name: "workers", count, ...shared, hosts: [host(1)] }];
}

const kubeletLife = () => onHost("w1", "systemctl show kubelet -p MainPID -p ActiveEnterTimestampMonotonic");

describe("a host joined by hand", () => {
  let stack: LabStack;
  let uid: string | undefined;

  beforeAll(async () => {
    stack = await createStack("adoption");
    await joinByHand("w1");
    await eventually("w1 to be ready", 60, async () => (await readyNodes()).includes("w1"));
    await apply(deploymentOn("w1", "old"));
    await eventually("its pod", 60, async () => (await stayingPods("old")).length === 1);
    uid = await uidOf("w1");
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("J-09 is adopted: labelled, tainted and stamped, while kubelet and pods run on", async () => {
    const [kubelet, pods] = [await kubeletLife(), await stayingPods("old")];
    stack.declare(pool(1));
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/adopted: "w1" is already this machine's node and stays as it is/);
    const node = (await nodes()).get("w1");
    expect(node?.metadata.uid).toBe(uid);
    expect(node?.metadata.labels["example.com/tier"]).toBe("general");
    expect(node?.metadata.annotations["nodepools.local/owner"]).toBe("organization/nodepools/adoption");
    expect(node?.spec.taints).toEqual([{ key: "dedicated", value: "batch", effect: "NoSchedule" }]);
    expect(await kubeletLife()).toBe(kubelet);
    expect(await stayingPods("old")).toEqual(pods);
    expect(await mintedTokens()).toEqual([]);
    await succeeds(stack.isSettled());
  });

  it("J-09 leaves like any member: drained, reset, clean, its Node gone", async () => {
    stack.declare(pool(0));
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/drained: 1 pod moved/);
    expect([...(await nodes()).keys()]).toEqual([]);
    expect(await remainsOf("w1")).toEqual([]);
  });

  it("J-09 is joined by the program when it is declared again", async () => {
    stack.declare(pool(1));
    await succeeds(stack.up());
    expect(await readyNodes()).toEqual(["w1"]);
    expect(await uidOf("w1")).not.toBe(uid);
    await eventually("the pod's return", 60, async () => (await stayingPods("old")).length === 1);
  });
});
