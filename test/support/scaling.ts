// Hosts that come and go under a workload, and what has to be true once a killed run has been finished by the next.
import { expect } from "vitest";
import { type BudgetWatch, watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack } from "../../lab/stack.ts";
import { guarded } from "./marks.ts";
import { succeeds } from "./pulumi-run.ts";
import {
  eventually,
  hosts,
  kubectl,
  lab,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "./test-lab.ts";
import { budget, deaf, deployment } from "./workloads.ts";

const allHosts = ["w1", "w2", "w3"];
const replicas = 6;

/** Declares so many of three hosts, all of which may go at once but one. */
export function scalingPool(count: number): object[] {
  return [{ name: "workers", count, limits: { maxRemovals: "100%" }, hosts: hosts(3) }];
}

/** Does not end when asked to, so that each eviction takes its two seconds. */
const slow = { terminationGracePeriodSeconds: 2 };
const agentLabels = { app: "agent" };
const agentContainers = [{ name: "agent", image: "lab.local/busybox:1" }];
const agent = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "default" },
  spec: {
    selector: { matchLabels: agentLabels },
    template: { metadata: { labels: agentLabels }, spec: { ...slow, containers: agentContainers } },
  },
};

/** What runs while hosts come and go: an app with a budget, and an agent on each node. */
export const scalingWorkload = [
  deployment("web", { ...slow, ...deaf("web") }, 2),
  budget("web", { maxUnavailable: 1 }),
  agent,
];

/** Takes it away again. */
export async function removeScalingWorkload(): Promise<void> {
  await kubectl("delete", "deployment,daemonset,pdb", "--all", "--wait=false");
}

/** Leaves few pods, so that a scale-out is quick. */
export async function gatherPods(): Promise<void> {
  await kubectl("scale", "deployment/web", "--replicas=2");
}

async function scaleWeb(count: number): Promise<void> {
  await kubectl("scale", "deployment/web", `--replicas=${count}`);
  const healthy = ["get", "pdb", "web", "-o", "jsonpath={.status.currentHealthy} {.status.expectedPods}"];
  await eventually(
    `${count} healthy pods`,
    300,
    async () => (await kubectl(...healthy)) === `${count} ${count}`,
  );
}

/** Puts pods on the hosts that leave: only new pods go there. */
export async function spreadPods(): Promise<void> {
  await scaleWeb(2);
  await scaleWeb(replicas);
  const where = await kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}");
  expect([...new Set(where.split(" "))].sort()).toEqual(allHosts);
}

/** Lists what a run leaves on a Node or host that is not a member's: marks, taints, files with tokens. */
async function traces(members: readonly string[]): Promise<string[]> {
  const kept = ["nodepools.local/owner", "nodepools.local/pool", guarded("owner"), guarded("pool")];
  const found: string[] = [];
  for (const { metadata, spec } of (await nodes()).values()) {
    const { annotations, labels } = metadata;
    const keys = [...Object.keys(annotations), ...Object.keys(labels)];
    const marks = [...keys, ...(spec.taints ?? []).map(({ key }) => key)];
    const strange = marks.filter((key) => key.startsWith("nodepools.local") && !kept.includes(key));
    found.push(...strange.map((key) => `${metadata.name}: ${key}`));
  }
  for (const name of members) {
    const files = await onHost(name, "find /run -maxdepth 1 -name 'nodepools-*'");
    found.push(...files.split("\n").flatMap((file) => (file === "" ? [] : [`${name}: ${file}`])));
  }
  return found;
}

/** Has the next run finish what a killed one has begun, and expects nothing of either beside so many members. */
export async function expectFinished(stack: LabStack, count: number): Promise<void> {
  await succeeds(stack.run(["cancel", "--yes"]));
  await succeeds(stack.up());
  const [members, others] = [allHosts.slice(0, count), allHosts.slice(count)];
  const [settled, present, ready, marks, tokens, remains] = await Promise.all([
    stack.isSettled(),
    nodes(),
    readyNodes(),
    traces(members),
    mintedTokens(),
    Promise.all(others.map(remainsOf)),
  ]);
  expect(settled.ok, settled.text).toBe(true);
  expect([...present.keys()].sort()).toEqual(members);
  expect(ready).toEqual(members);
  expect(marks).toEqual([]);
  expect(tokens).toEqual([]);
  expect(remains.flat()).toEqual([]);
}

/** Watches the budget of the app. */
export async function watchWeb(): Promise<BudgetWatch> {
  const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
  const budget = watchBudget([command, ...argv], labEnvironment(lab), "default", "web");
  await eventually("the first state of the budget", 60, async () => budget.seen() > 0);
  return budget;
}
