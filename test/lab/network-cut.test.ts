// A host without network for longer than its pods are tolerated there: the program goes on with the others, and the
// host is what it was when its network is back.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { network } from "../../lab/lab.ts";
import type { LabStack } from "../../lab/stack.ts";
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
  onHost,
  readyNodes,
  remainsOf,
  uidOf,
} from "../support/test-lab.ts";
import { deaf, deployment } from "../support/workloads.ts";

const anywhere = ["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"].map((key) => ({
  key,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

/** One pod that prefers a node and is evicted from it five seconds after the cluster has given the node up. */
function podPreferring(node: string, name: string, pod: object = {}): object {
  const here = { key: "kubernetes.io/hostname", operator: "In", values: [node] };
  const preferred = [{ weight: 100, preference: { matchExpressions: [here] } }];
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

function declare(stack: LabStack, hosts: readonly object[]): void {
  const drain = { timeoutSeconds: 120 };
  stack.declare([{ name: "workers", limits: { maxRemovals: 2 }, maxUnavailable: 2, drain, hosts }]);
}

const tier = { labels: { "example.com/tier": "front" } };

describe("a host whose network is cut", () => {
  let stack: LabStack;
  let uid: string | undefined;
  let logins: number;

  beforeAll(async () => {
    stack = await createStack("cut");
    declare(stack, [host(1), host(2), host(3)]);
    await succeeds(stack.up());
    await apply(podPreferring("w2", "movable"));
    await eventually("the pod on w2", 60, () => runsOn("w2", "movable"));
    uid = await uidOf("w2");
    logins = await loginsOn("w2");
    await network(lab, "w2", "cut");
  });

  afterAll(async () => {
    await network(lab, "w2", "heal");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("loses its pods to other hosts when the cluster has given it up", async () => {
    await eventually("the pod to leave w2", 90, () => isLeaving("w2", "movable"));
    await eventually("its successor", 60, async () =>
      (await podsOf("movable")).some(({ node, runs, leaves }) => node !== "w2" && runs && !leaves),
    );
    expect(await isSilent("w2")).toBe(true);
  });

  it("stands in the way of no other host: a label and a new host are previewed and applied", async () => {
    declare(stack, [host(1, tier), host(2), host(3), host(4)]);
    const preview = await succeeds(stack.preview());
    expect(preview.text).not.toMatch(/(PoolNode|HostEnrollment|Command|NodeMembership) +w2 /);
    const start = Date.now();
    await succeeds(stack.up());
    expect(Date.now() - start).toBeLessThan(60_000);
    expect(await readyNodes()).toEqual(["w1", "w3", "w4"]);
    expect((await nodes()).get("w1")?.metadata.labels["example.com/tier"]).toBe("front");
  });

  it("is shown as it is by a refresh, and labelled as well: that is the API server's business", async () => {
    const refresh = await succeeds(stack.run(["refresh", "--yes", "--skip-preview"]));
    expect(refresh.text).toMatch(/node "w2": Ready was True, is Unknown/);
    declare(stack, [host(1, tier), host(2, tier), host(3), host(4)]);
    await succeeds(stack.up());
    expect((await nodes()).get("w2")?.metadata.labels["example.com/tier"]).toBe("front");
    await succeeds(stack.isSettled());
  });

  it("J-29 D-P08 is not removed, with an error that names state: lost; another host that leaves is finished", async () => {
    declare(stack, [host(1, tier), host(3)]);
    const start = Date.now();
    const run = await fails(stack.up("--continue-on-error"));
    expect(Date.now() - start).toBeLessThan(90_000);
    expect(run.text).toMatch(/connect to host "root@10\.89\.0\.12:22": .*declare host "w2" with state: lost/);
    expect(await remainsOf("w4")).toEqual([]);
    expect([...(await nodes()).keys()].sort()).toEqual(["w1", "w2", "w3"]);
    expect(await uidOf("w2")).toBe(uid);
  });

  it("is the node that it was when the network is back: stuck pods gone, nothing reset, joined or drained", async () => {
    declare(stack, [host(1, tier), host(2, tier), host(3)]);
    await succeeds(stack.up());
    await network(lab, "w2", "heal");
    await eventually("w2 to be Ready again", 60, async () => (await readyNodes()).includes("w2"));
    await eventually("the stuck pod to go", 90, async () => !(await isLeaving("w2", "movable")));
    const next = await succeeds(stack.up());
    expect(next.text).not.toMatch(/drain|reset|join/);
    expect(await readyNodes()).toEqual(["w1", "w2", "w3"]);
    expect(await uidOf("w2")).toBe(uid);
    // Counting takes a login itself.
    expect(await loginsOn("w2")).toBe(logins + 1);
    await succeeds(stack.isSettled());
  });
});

describe("a host whose network is cut during its drain", () => {
  let stack: LabStack;

  beforeAll(async () => {
    stack = await createStack("cut-drain");
    declare(stack, [host(1), host(2), host(3)]);
    await succeeds(stack.up());
    await apply(podPreferring("w2", "two", deaf("two")), podPreferring("w3", "three", deaf("three")));
    await eventually("both pods", 60, async () => (await runsOn("w2", "two")) && runsOn("w3", "three"));
  });

  afterAll(async () => {
    for (const name of ["w2", "w3"]) await network(lab, name, "heal");
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  it("is drained and reset by the same run when it is back before its pods must be gone", async () => {
    declare(stack, [host(1), host(3)]);
    const up = stack.up();
    await eventually("the pod to leave w2", 60, () => isLeaving("w2", "two"));
    await network(lab, "w2", "cut");
    await eventually("w2 to fall silent", 40, () => isSilent("w2"));
    await network(lab, "w2", "heal");
    await succeeds(up);
    expect(await readyNodes()).toEqual(["w1", "w3"]);
    expect(await remainsOf("w2")).toEqual([]);
  });

  it("fails in bounded time when it stays away, and the next run finishes it once it is back", async () => {
    declare(stack, [host(1)]);
    const up = stack.up();
    await eventually("the pod to leave w3", 60, () => isLeaving("w3", "three"));
    await network(lab, "w3", "cut");
    const start = Date.now();
    const run = await fails(up);
    expect(Date.now() - start).toBeLessThan(120_000);
    expect(run.text).toMatch(/pods left behind on a node that does not answer: default\/three/);
    expect(run.text).toMatch(/connect to host "root@10\.89\.0\.13:22": .*declare host "w3" with state: lost/);
    expect(await isSilent("w3")).toBe(true);
    await network(lab, "w3", "heal");
    await succeeds(stack.up());
    expect(await readyNodes()).toEqual(["w1"]);
    expect([...(await nodes()).keys()]).toEqual(["w1"]);
    expect(await remainsOf("w3")).toEqual([]);
    expect(await onHost("w3", "cat /var/lib/nodepools/owner 2>/dev/null || echo none")).toBe("none");
    await succeeds(stack.isSettled());
  });
});
