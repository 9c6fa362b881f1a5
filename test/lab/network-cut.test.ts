// A host without network for longer than its pods are tolerated there: the program goes on with the others, and the
// host is what it was when its network is back.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { network } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
import { failedResources } from "../support/api-outage.ts";
import { useHosts } from "../support/more-hosts.ts";
import { lifeOf } from "../support/node-lives.ts";
import { fails, succeeds } from "../support/pulumi-run.ts";
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
  readyNodes,
  remainsOf,
  untilSilent,
} from "../support/test-lab.ts";
import { deaf, deployment } from "../support/workloads.ts";

const anywhere = ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"].map((key) => ({
  key,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

/** One pod that prefers a node, after it w1, and is evicted five seconds after the cluster has given the node up. */
function podPreferring(node: string, name: string, pod: object = {}): object {
  const preferred = Object.entries({ [node]: 100, w1: 10 }).map(([value, weight]) => {
    const there = { key: "kubernetes.io/hostname", operator: "In", values: [value] };
    return { weight, preference: { matchExpressions: [there] } };
  });
  return deployment(name, {
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

const tier = { labels: { "example.com/tier": "front" } };

async function tierOf(name: string): Promise<string | undefined> {
  return (await nodes()).get(name)?.metadata.labels["example.com/tier"];
}

useHosts(5);

describe("a host whose network is cut", () => {
  let stack: LabStack;
  let life: readonly unknown[];
  let logins: number;

  /** Declares the pool whose nodes stay but for one, and the one that leaves; of a pool that is gone all leave at once. */
  function declare(cut: readonly object[], leaving: readonly object[] = []): void {
    const pool = { limits: { maxRemovals: 2 }, maxUnavailable: 2, drain: { timeoutSeconds: 120 } };
    stack.declare([
      { name: "cut", ...pool, hosts: cut },
      ...(leaving.length > 0 ? [{ name: "leaving", ...pool, hosts: leaving }] : []),
    ]);
  }

  beforeAll(async () => {
    stack = await createStack("cut");
    declare([host(1), host(2)], [host(4), host(5)]);
    await succeeds(stack.up());
    await apply(
      podPreferring("w2", "movable"),
      podPreferring("w4", "four", deaf("four")),
      podPreferring("w5", "five", deaf("five")),
    );
    const places = { w2: "movable", w4: "four", w5: "five" };
    for (const [node, app] of Object.entries(places))
      await eventually(`the pod on ${node}`, 300, () => runsOn(node, app));
    life = await lifeOf("w2");
    logins = await loginsOn("w2");
    await network(lab, "w2", "cut");
  });

  afterAll(async () => {
    for (const name of ["w2", "w4", "w5"]) await network(lab, name, "heal");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("loses its pods to other hosts when the cluster has given it up", async () => {
    await untilSilent("w2");
    await eventually("the pod to leave w2", 300, () => isLeaving("w2", "movable"));
    await eventually("its successor", 300, async () =>
      (await podsOf("movable")).some(({ node, runs, leaves }) => node !== "w2" && runs && !leaves),
    );
  });

  it("is labelled like the others while one joins; of two that are cut in their drains, the one that is back in time is finished", async () => {
    declare([host(1, tier), host(2, tier), host(3)]);
    const up = stack.up("--continue-on-error");
    await eventually("the pod to leave w4", 300, () => isLeaving("w4", "four"));
    await eventually("the pod to leave w5", 300, () => isLeaving("w5", "five"));
    for (const name of ["w4", "w5"]) await network(lab, name, "cut");
    await untilSilent("w4");
    await network(lab, "w4", "heal");
    const { text } = await fails(up);
    expect(failedResources(text)).toEqual(["HostEnrollment w5"]);
    expect(text).toMatch(/pods left behind on a node that does not answer: default\/five/);
    expect(text).toMatch(/connecting to host "root@10\.89\.0\.15:22": .*declare host "w5" with state: lost/);
    expect(await isSilent("w5")).toBe(true);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3", "w5"]);
    expect(await readyNodes()).toEqual(["w1", "w3"]);
    expect(await remainsOf("w4")).toEqual([]);
    for (const name of ["w1", "w2"]) expect(await tierOf(name), name).toBe("front");
  });

  it("J-29 D-P08 is not removed, with an error that names state: lost; others that leave are finished, one that is back as well", async () => {
    await network(lab, "w5", "heal");
    declare([host(1, tier)]);
    const run = await fails(stack.up("--continue-on-error"));
    expect(run.text).toMatch(
      /connecting to host "root@10\.89\.0\.12:22": .*declare host "w2" with state: lost/,
    );
    for (const name of ["w3", "w5"]) expect(await remainsOf(name), name).toEqual([]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2"]);
  });

  it("is the node that it was when the network is back: stuck pods gone, nothing reset, joined or drained", async () => {
    await network(lab, "w2", "heal");
    declare([host(1, tier), host(2)]);
    await eventually("the stuck pod to go", 300, async () => !(await isLeaving("w2", "movable")));
    await succeeds(stack.up());
    await eventually("w2 to be Ready again", 300, async () => (await readyNodes()).includes("w2"));
    // Each look takes a login itself.
    expect(await loginsOn("w2")).toBe(logins + 1);
    expect(await lifeOf("w2")).toEqual(life);
    await succeeds(stack.isSettled());
  });
});
