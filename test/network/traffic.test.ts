// Nodes leave while a client in the cluster asks for what runs on them, through Services that kube-proxy makes.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { setUpLab } from "../support/lab-set-up.ts";
import { succeeds } from "../support/pulumi-run.ts";
import { createStack, hosts, kubectl, lab, onHost } from "../support/test-lab.ts";
import {
  type Application,
  Client,
  deploy,
  type Served,
  spreadAnew,
  untilServing,
} from "../support/traffic.ts";
import { byHand } from "./by-hand.ts";

const gate = "lab.local/in-rotation";

/** One with a readiness gate, as a load balancer's controller has it: Ready only once somebody else says so. */
const gated: Application = {
  name: "gated",
  replicas: 3,
  hasBudget: true,
  pod: { readinessGates: [{ conditionType: gate }] },
};
const applications: readonly Application[] = [
  gated,
  { name: "wide", replicas: 6, hasBudget: true },
  { name: "narrow", replicas: 2, hasBudget: true },
];

interface GatedPod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions?: readonly { type: string; status: string }[] };
}

/** Opens the gate of each pod some seconds after its containers are ready. */
async function openGates(isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const list = JSON.parse(await kubectl("get", "pods", "-l", "app=gated", "-o", "json")) as {
      items: GatedPod[];
    };
    const has = ({ status }: GatedPod, wanted: string) =>
      status.conditions?.some((condition) => condition.type === wanted && condition.status === "True");
    const waiting = list.items.filter((pod) => has(pod, "ContainersReady") && !has(pod, gate));
    await sleep(2000);
    for (const { metadata } of waiting) {
      const patch = JSON.stringify({ status: { conditions: [{ type: gate, status: "True" }] } });
      // A pod may have gone meanwhile.
      await kubectl("patch", "pod", metadata.name, "--subresource=status", "-p", patch).catch(
        () => undefined,
      );
    }
  }
}

let stack: LabStack;
let isOver = false;
let gates: Promise<void>;

beforeAll(async () => {
  await setUpLab(lab, { hosts: 4, podNetwork: "flannel" });
  stack = await createStack("traffic");
  stack.declare([{ name: "workers", hosts: hosts(4) }]);
  await succeeds(stack.up());
  gates = openGates(() => isOver);
  await deploy(lab, applications);
});

afterAll(async () => {
  isOver = true;
  await gates;
});

/** Lets a node leave under traffic and returns what the client saw. */
async function underTraffic(leave: () => Promise<unknown>): Promise<readonly Served[]> {
  const client = await Client.start(lab, applications, "w1");
  await leave();
  await untilServing(lab, applications);
  return client.stop();
}

it("a node that leaves fails no request where budgets and readiness gates are there; by hand stands beside it", async () => {
  stack.declare([{ name: "workers", count: 3, hosts: hosts(4) }]);
  const ours = await underTraffic(() => succeeds(stack.up()));
  await spreadAnew(lab, applications);
  const hands = await underTraffic(async () => {
    await byHand("kubectl drain w3 --ignore-daemonsets --delete-emptydir-data --timeout=300s");
    await byHand("kubectl delete node w3");
    await onHost("w3", "kubeadm reset --force");
  });
  console.log(JSON.stringify({ ours, hands }, undefined, 1));
  for (const served of ours) {
    expect(served).toMatchObject({ failed: 0 });
    expect(served.requests, served.name).toBeGreaterThan(20);
  }
});
