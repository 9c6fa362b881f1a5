// `pulumi up` killed at random moments of a scale-out and a scale-in: after `pulumi cancel`, the next run finishes.
// NODEPOOLS_KILL_SEED repeats the moments of an earlier run, NODEPOOLS_KILL_MOMENTS takes more of them than ten.
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BudgetWatch, watchBudget } from "../../lab/demo/budget-watch.ts";
import { labEnvironment } from "../../lab/lab.ts";
import { insideNetwork } from "../../lab/network/namespace.ts";
import type { LabStack } from "../../lab/stack.ts";
import { seededRandom, stratifiedShares, upKilledAfter } from "../support/killed-run.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  hosts,
  kubectl,
  lab,
  mintedTokens,
  nodes,
  onHost,
  readyNodes,
  remainsOf,
} from "../support/test-lab.ts";
import { budget, deaf, deployment } from "../support/workloads.ts";

const seed = Number(process.env.NODEPOOLS_KILL_SEED ?? randomInt(2 ** 31));
const moments = Number(process.env.NODEPOOLS_KILL_MOMENTS ?? 10);
const allHosts = ["w1", "w2", "w3"];
const replicas = 6;

const directions = {
  "scale-out": { from: 1, to: 3 },
  "scale-in": { from: 3, to: 1 },
} as const;

type Direction = keyof typeof directions;

/** Every moment of a scale-out is followed by one of a scale-in, so that each starts where the other ended. */
function drawMoments(): { direction: Direction; share: number; percent: string }[] {
  const random = seededRandom(seed);
  const [outs, ins] = [stratifiedShares(moments, random), stratifiedShares(moments, random)];
  return outs.flatMap((share, at) => [
    { direction: "scale-out" as const, share, percent: (share * 100).toFixed(1) },
    { direction: "scale-in" as const, share: ins[at] ?? 0, percent: ((ins[at] ?? 0) * 100).toFixed(1) },
  ]);
}

function pool(count: number): object[] {
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

/** Holds the lock of joins and resets from now until 15 seconds after the next login, this one excluded. */
const workUntilLogin = `
  login() { ss -tnH state established 'sport = :22' | grep -q .; }
  mkdir -p /run/nodepools; exec 9> /run/nodepools/lock; flock -n 9
  { while login; do sleep 0.1; done; until login; do sleep 0.1; done; sleep 15; } > /dev/null 2>&1 &`;

async function scaleWeb(count: number): Promise<void> {
  await kubectl("scale", "deployment/web", `--replicas=${count}`);
  const healthy = ["get", "pdb", "web", "-o", "jsonpath={.status.currentHealthy} {.status.expectedPods}"];
  await eventually(
    `${count} healthy pods`,
    60,
    async () => (await kubectl(...healthy)) === `${count} ${count}`,
  );
}

/** Puts pods on the hosts that leave: only new pods go there. */
async function spreadPods(): Promise<void> {
  await scaleWeb(2);
  await scaleWeb(replicas);
  const where = await kubectl("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].spec.nodeName}");
  expect([...new Set(where.split(" "))].sort()).toEqual(allHosts);
}

/** Lists what a run leaves on a Node or host that is not a member's: marks, taints, files with tokens. */
async function traces(members: readonly string[]): Promise<string[]> {
  const kept = ["nodepools.local/owner", "nodepools.local/pool"];
  const found: string[] = [];
  for (const { metadata, spec } of (await nodes()).values()) {
    const marks = [...Object.keys(metadata.annotations), ...(spec.taints ?? []).map(({ key }) => key)];
    const strange = marks.filter((key) => key.startsWith("nodepools.local/") && !kept.includes(key));
    found.push(...strange.map((key) => `${metadata.name}: ${key}`));
  }
  for (const name of members) {
    const files = await onHost(name, "find /run -maxdepth 1 -name 'nodepools-*'");
    found.push(...files.split("\n").flatMap((file) => (file === "" ? [] : [`${name}: ${file}`])));
  }
  return found;
}

describe(`pulumi killed at moments drawn with NODEPOOLS_KILL_SEED=${seed}`, () => {
  let stack: LabStack;
  let standing: number | undefined;
  const durations = { "scale-out": 0, "scale-in": 0 };

  beforeAll(async () => {
    console.log(`NODEPOOLS_KILL_SEED=${seed} repeats these moments`);
    stack = await createStack("killed");
    await scaleTo(1);
    await apply(
      deployment("web", { ...slow, ...deaf("web") }, 2),
      budget("web", { maxUnavailable: 1 }),
      agent,
    );
    for (const direction of ["scale-out", "scale-in"] as const) {
      await prepare(direction);
      const run = await upKilledAfter(lab, stack, 120_000);
      expect(run.status, run.text).toBe(0);
      durations[direction] = run.milliseconds;
      standing = directions[direction].to;
    }
    console.log(`undisturbed: ${JSON.stringify(durations)} ms`);
  });

  afterAll(async () => {
    await kubectl("delete", "deployment,daemonset,pdb", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  async function scaleTo(count: number): Promise<void> {
    stack.declare(pool(count));
    await succeeds(stack.up());
    standing = count;
  }

  /** Goes to where the direction starts, also after a test that failed, and declares where it leads. */
  async function prepare(direction: Direction): Promise<void> {
    const { from, to } = directions[direction];
    if (standing !== from) await scaleTo(from);
    standing = undefined;
    if (direction === "scale-in") await spreadPods();
    else await kubectl("scale", "deployment/web", "--replicas=2");
    stack.declare(pool(to));
  }

  /** Kills a run at its moment and has the next one finish; one that was faster, and ended, is done again. */
  async function killAndFinish(direction: Direction, share: number): Promise<void> {
    await prepare(direction);
    await using budget = direction === "scale-in" ? await watch() : undefined;
    const run = await upKilledAfter(lab, stack, share * durations[direction]);
    if (!run.killed) {
      expect(run.status, run.text).toBe(0);
      expect(run.milliseconds).toBeLessThan(durations[direction]);
      durations[direction] = run.milliseconds;
      standing = directions[direction].to;
      return killAndFinish(direction, share);
    }
    await expectFinished(directions[direction].to);
    expect(budget?.violations() ?? []).toEqual([]);
    standing = directions[direction].to;
  }

  async function expectFinished(count: number): Promise<void> {
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

  async function watch(): Promise<BudgetWatch> {
    const [command = "", ...argv] = insideNetwork(lab, ["kubectl"]);
    const budget = watchBudget([command, ...argv], labEnvironment(lab), "default", "web");
    await eventually("the first state of the budget", 20, async () => budget.seen() > 0);
    return budget;
  }

  it.each(drawMoments())(
    "$direction killed at $percent % is finished by the next run",
    ({ direction, share }) => killAndFinish(direction, share),
  );

  it("waits for what a killed run has left at work on a host", async () => {
    await onHost("w4", workUntilLogin);
    stack.declare([...pool(standing ?? 1), { name: "late", hosts: [host(4)] }]);
    const run = await succeeds(stack.up());
    expect(run.text).toMatch(/waiting for a join or reset that is still at work on the host: \d+ s of 300 s/);
    expect(await readyNodes()).toContain("w4");
  });

  it("loses its warnings of pending creates by `pulumi refresh --clear-pending-creates`", async () => {
    await succeeds(stack.run(["refresh", "--yes", "--skip-preview", "--clear-pending-creates"]));
    const state = await succeeds(stack.run(["stack", "export"]));
    expect(JSON.parse(state.text).deployment.pending_operations ?? []).toEqual([]);
    await succeeds(stack.isSettled());
  });
});
