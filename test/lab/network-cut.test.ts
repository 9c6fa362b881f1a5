// A host without network for longer than its pods are tolerated there: the program goes on with the others, and the
// host is what it was when its network is back. Two stories side by side, each with hosts and a stack of its own: most
// of the time is spent waiting.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { network } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { inOrder, nodesAmong, readyAmong, useHosts } from "../support/more-hosts.ts";
import { lifeOf } from "../support/node-lives.ts";
import { fails, plannedSteps, succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  isSilent,
  kubectl,
  lab,
  loginsOn,
  nodes,
  remainsOf,
} from "../support/test-lab.ts";
import { deaf, deployment } from "../support/workloads.ts";

const anywhere = ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"].map((key) => ({
  key,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

/** One pod of a pool that prefers a node and is evicted from it five seconds after the cluster has given the node up. */
function podPreferring(pool: string, node: string, name: string, pod: object = {}): object {
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [node] };
  const preferred = [{ weight: 100, preference: { matchExpressions: [here] } }];
  return deployment(name, {
    nodeSelector: { "example.com/story": pool },
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
    tolerations: anywhere,
    terminationGracePeriodSeconds: 45,
    ...pod,
  });
}

interface SeenPod {
  readonly node: string | undefined;
  readonly leaves: boolean;
  readonly runs: boolean;
}

async function podsOf(app: string): Promise<SeenPod[]> {
  const list = JSON.parse(await kubectl("get", "pods", "-l", `app=${app}`, "-o", "json")) as {
    items: {
      metadata: { deletionTimestamp?: string };
      spec: { nodeName?: string };
      status: { phase: string };
    }[];
  };
  return list.items.map(({ metadata, spec, status }) => ({
    node: spec.nodeName,
    leaves: metadata.deletionTimestamp !== undefined,
    runs: status.phase === "Running",
  }));
}

async function runsOn(node: string, app: string): Promise<boolean> {
  return (await podsOf(app)).some((pod) => pod.node === node && pod.runs && !pod.leaves);
}

async function isLeaving(node: string, app: string): Promise<boolean> {
  return (await podsOf(app)).some((pod) => pod.node === node && pod.leaves);
}

/** A pool whose nodes carry the label that keeps a story's pods on them. */
function poolOf(story: string, name: string, hosts: readonly object[]): object {
  const labels = { "example.com/story": story };
  const limits = { maxRemovals: 2 };
  return { name, labels, limits, maxUnavailable: 2, drain: { timeoutSeconds: 120 }, hosts };
}

/** Declares a story's pool. */
function declare(stack: LabStack, pool: string, hosts: readonly object[]): void {
  stack.declare([poolOf(pool, pool, hosts)]);
}

const tier = { labels: { "example.com/tier": "front" } };

async function tierOf(name: string): Promise<string | undefined> {
  return (await nodes()).get(name)?.metadata.labels["example.com/tier"];
}

useHosts(7);

afterAll(() => kubectl("delete", "deployment", "--all", "--wait=false"));

describe("a host whose network is cut", { concurrent: true }, () => {
  const all = ["w1", "w2", "w3", "w4"];
  let stack: LabStack;
  let life: readonly unknown[];
  let logins: number;

  beforeAll(async () => {
    stack = await createStack("cut");
    declare(stack, "cut", [host(1), host(2), host(3)]);
    await succeeds(stack.up());
    await apply(podPreferring("cut", "w2", "movable"));
    await eventually("the pod on w2", 300, () => runsOn("w2", "movable"));
    life = await lifeOf("w2");
    logins = await loginsOn("w2");
    await network(lab, "w2", "cut");
  });

  afterAll(async () => {
    await network(lab, "w2", "heal");
    await succeeds(stack.destroy());
  });

  it("loses its pods to other hosts when the cluster has given it up", inOrder, async () => {
    await eventually("the pod to leave w2", 300, () => isLeaving("w2", "movable"));
    await eventually("its successor", 300, async () =>
      (await podsOf("movable")).some(({ node, runs, leaves }) => node !== "w2" && runs && !leaves),
    );
    expect(await isSilent("w2")).toBe(true);
  });

  it(
    "stands in the way of no other host: a label and a new one are planned without it",
    inOrder,
    async () => {
      declare(stack, "cut", [host(1, tier), host(2), host(3), host(4)]);
      const steps = await plannedSteps(stack);
      expect(steps.filter(({ name }) => name === "w2")).toEqual([]);
      expect(steps).toContainEqual({ op: "update", type: "NodeMembership", name: "w1" });
      expect(steps).toContainEqual({ op: "create", type: "HostEnrollment", name: "w4" });
    },
  );

  it("is shown as it is by a refresh", inOrder, async () => {
    const refresh = await succeeds(stack.run(["refresh", "--yes", "--skip-preview"]));
    expect(refresh.text).toMatch(/node "w2": Ready was True, is Unknown/);
  });

  it(
    "is labelled like the others, while a new host joins: that is the API server's business",
    inOrder,
    async () => {
      declare(stack, "cut", [host(1, tier), host(2, tier), host(3), host(4)]);
      await succeeds(stack.up());
      expect(await readyAmong(all)).toEqual(["w1", "w3", "w4"]);
      for (const name of ["w1", "w2"]) expect(await tierOf(name), name).toBe("front");
      await succeeds(stack.isSettled());
    },
  );

  it(
    "J-29 D-P08 is not removed, with an error that names state: lost; another host that leaves is finished",
    inOrder,
    async () => {
      declare(stack, "cut", [host(1, tier), host(3)]);
      const run = await fails(stack.up("--continue-on-error"));
      expect(run.text).toMatch(
        /connecting to host "root@10\.89\.0\.12:22": .*declare host "w2" with state: lost/,
      );
      expect(await remainsOf("w4")).toEqual([]);
      expect(await nodesAmong(all)).toEqual(["w1", "w2", "w3"]);
    },
  );

  it(
    "is the node that it was when the network is back: stuck pods gone, nothing reset, joined or drained",
    inOrder,
    async () => {
      declare(stack, "cut", [host(1, tier), host(2, tier), host(3)]);
      await succeeds(stack.up());
      await network(lab, "w2", "heal");
      await eventually("w2 to be Ready again", 300, async () => (await readyAmong(all)).includes("w2"));
      await eventually("the stuck pod to go", 300, async () => !(await isLeaving("w2", "movable")));
      await succeeds(stack.up());
      expect(await readyAmong(all)).toEqual(["w1", "w2", "w3"]);
      // Each look takes a login itself.
      expect(await loginsOn("w2")).toBe(logins + 1);
      expect(await lifeOf("w2")).toEqual(life);
      await succeeds(stack.isSettled());
    },
  );
});

describe("hosts whose networks are cut during their drains", { concurrent: true }, () => {
  const all = ["w5", "w6", "w7"];
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("cut-drain");
    // Of a pool that is gone, the nodes leave as they were declared last: both at once.
    const leaving = poolOf("cut-drain", "leaving", [host(6), host(7)]);
    stack.declare([poolOf("cut-drain", "cut-drain", [host(5)]), leaving]);
    await succeeds(stack.up());
    await apply(
      podPreferring("cut-drain", "w6", "six", deaf("six")),
      podPreferring("cut-drain", "w7", "seven", deaf("seven")),
    );
    await eventually("both pods", 300, async () => (await runsOn("w6", "six")) && runsOn("w7", "seven"));
  });

  afterAll(async () => {
    for (const name of ["w6", "w7"]) await network(lab, name, "heal");
    await succeeds(stack.destroy());
  });

  it(
    "one that is back before its pods must be gone is drained and reset by the same run; the other fails it",
    inOrder,
    async () => {
      declare(stack, "cut-drain", [host(5)]);
      const up = stack.up("--continue-on-error");
      await eventually("the pod to leave w6", 300, () => isLeaving("w6", "six"));
      await eventually("the pod to leave w7", 300, () => isLeaving("w7", "seven"));
      for (const name of ["w6", "w7"]) await network(lab, name, "cut");
      await eventually("w6 to fall silent", 300, () => isSilent("w6"));
      await network(lab, "w6", "heal");
      const { text } = await fails(up);
      expect(text).toMatch(/pods left behind on a node that does not answer: default\/seven/);
      expect(text).toMatch(
        /connecting to host "root@10\.89\.0\.17:22": .*declare host "w7" with state: lost/,
      );
      expect(await isSilent("w7")).toBe(true);
      expect(await nodesAmong(all)).toEqual(["w5", "w7"]);
      expect(await readyAmong(all)).toEqual(["w5"]);
      expect(await remainsOf("w6")).toEqual([]);
    },
  );

  it("the other is finished by the next run once it is back", inOrder, async () => {
    await network(lab, "w7", "heal");
    await succeeds(stack.up());
    expect(await nodesAmong(all)).toEqual(["w5"]);
    expect(await readyAmong(all)).toEqual(["w5"]);
    expect(await remainsOf("w7")).toEqual([]);
    await succeeds(stack.isSettled());
  });
});
