// The main job on real hosts: a pool grows and shrinks by `count`, and nobody notices but the nodes.
import { afterAll, beforeAll, expect, it } from "vitest";
import { watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment, power } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack } from "../../lab/stack.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  hosts,
  kubectl,
  lab,
  loginsOn,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { isServing, spreadDeployment } from "../support/workloads.ts";

let stack: LabStack;

async function scaleTo(count: number): Promise<void> {
  stack.declare([{ name: "workers", count, limits: { maxRemovals: "100%" }, hosts: hosts(3) }]);
  await succeeds(stack.up());
  expect(await readyNodes()).toEqual(["w1", "w2", "w3"].slice(0, count));
}

const allServe = () => isServing("web", 6);

/** Names the node that each pod was placed on since a moment of this machine's clock, which is the cluster's. */
async function placedSince(moment: string): Promise<string[]> {
  interface PodEvent {
    readonly reason: string;
    readonly message: string;
    readonly metadata: { readonly creationTimestamp: string };
  }
  const list = await kubectl("get", "events", "--namespace", "default", "--output", "json");
  const { items } = JSON.parse(list) as { items: PodEvent[] };
  return items
    .filter(({ reason, metadata }) => reason === "Scheduled" && metadata.creationTimestamp > moment)
    .map(({ message }) => message.split(" to ").at(-1) ?? "");
}

beforeAll(async () => {
  stack = await createStack("scale");
  await scaleTo(2);
});

afterAll(async () => {
  await kubectl("delete", "deployment,pdb", "--all", "--wait=false");
  await succeeds(stack.destroy());
});

it("J-01 D-P15 has joined the first two hosts, and changes nothing and logs in nowhere when run again", async () => {
  const w1 = (await nodes()).get("w1");
  expect(w1?.metadata.annotations["nodepools.local/owner"]).toBe("organization/nodepools/scale");
  expect(await mintedTokens()).toEqual([]);
  const before = await loginsOn("w1");
  await succeeds(stack.up("--expect-no-changes"));
  // Counting takes a login itself.
  expect(await loginsOn("w1")).toBe(before + 1);
});

it("J-03 joins only the third host when the count grows to 3", async () => {
  const before = await loginsOn("w1");
  await scaleTo(3);
  expect(await loginsOn("w1")).toBe(before + 1);
});

it("J-26 J-28 D-P01 drains two nodes under the budget; no pod lands on one that leaves; the hosts are as good as new", async () => {
  await apply(...spreadDeployment("web", 6, 2));
  await eventually("six replicas on three nodes", 60, allServe);
  const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
  await using watch = watchBudget([command, ...argv], labEnvironment(lab), "default", "web");
  await eventually("the first state of the budget", 20, async () => watch.seen() > 0);
  const moment = `${new Date().toISOString().slice(0, 19)}Z`;
  await eventually("the next second", 5, async () => new Date().toISOString().slice(0, 19) > moment);
  await scaleTo(1);
  await eventually("six replicas on one node", 60, allServe);
  expect(watch.seen()).toBeGreaterThan(1);
  expect(watch.violations()).toEqual([]);
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  for (const name of ["w2", "w3"]) expect(await remainsOf(name)).toEqual([]);
  expect(await placedSince(moment)).toEqual(Array(4).fill("w1"));
});

it("J-26 does not come back when it is booted again, and is joined when it is declared again", async () => {
  await power(lab, "w2", "reboot");
  const starts = async () => Number(await onHost("w2", "systemctl show kubelet -p NRestarts --value"));
  await eventually("two starts of the kubelet", 60, async () => (await starts()) > 1);
  expect([...(await nodes()).keys()]).toEqual(["w1"]);
  // systemd starts the kubelet again and again, which ends at once.
  await eventually("w2 to be clean", 60, async () => (await remainsOf("w2")).length === 0);
  await scaleTo(2);
});
