// Labels, taints, annotations, schedulability and the pool of a node change in place: nobody logs in, nothing moves.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LabStack } from "../../lab/stack.ts";
import { succeeds } from "../support/pulumi-run.ts";
import {
  apply,
  createStack,
  eventually,
  host,
  kubectl,
  loginsOn,
  nodes,
  readyNodes,
  type SeenNode,
} from "../support/test-lab.ts";
import { deploymentOn, stayingPods } from "../support/workloads.ts";

const members = ["w1", "w2"];

async function seen(name: string): Promise<SeenNode> {
  const node = (await nodes()).get(name);
  if (node === undefined) throw new Error(`Node ${name} is gone`);
  return node;
}

/** Returns the labels and annotations that this test or the program may have set, and the taints. */
async function ownMetadata(name: string): Promise<object> {
  const { metadata, spec } = await seen(name);
  const ours = (keys: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(keys).filter(([key]) => /^(example\.com|nodepools\.local)\//.test(key)),
    );
  const taints = (spec.taints ?? []).filter(({ key }) => key !== "node.kubernetes.io/unschedulable");
  return { labels: ours(metadata.labels), annotations: ours(metadata.annotations), taints };
}

const isCordoned = async (name: string) => (await seen(name)).spec.unschedulable === true;

function dedicated(value: string, effect = "NoSchedule"): object {
  return { key: "dedicated", value, effect };
}

const spare = (index: number) => host(index, { state: "spare" });
const general = { name: "general", hosts: [host(1), spare(3)] };
const batch = { name: "batch", hosts: [host(2), spare(4)] };
const before = {
  labels: { "example.com/tier": "general", "example.com/old": "yes" },
  annotations: { "example.com/contact": "ops", "example.com/note": "old" },
  taints: [dedicated("web"), { key: "example.com/slow", effect: "PreferNoSchedule" }],
};
const after = {
  labels: { "example.com/tier": "front", "example.com/new": "yes" },
  annotations: { "example.com/contact": "web" },
  taints: [dedicated("front")],
};
const moved = [
  { name: "edge", labels: { "example.com/tier": "edge" }, hosts: [host(1), host(2)] },
  { name: "general", hosts: [spare(3), spare(4)] },
];
const stamps = { "nodepools.local/owner": "organization/nodepools/metadata" };
const foreignTaint = { key: "example.com/hot", value: "true", effect: "PreferNoSchedule" };

describe("the metadata of nodes", () => {
  let stack: LabStack;
  let identities: readonly string[];
  let logins: readonly number[];

  const look = async () => [
    ...(await Promise.all(members.map(async (name) => (await seen(name)).metadata.uid))),
    ...(await stayingPods("one")),
  ];

  beforeAll(async () => {
    stack = await createStack("metadata");
    stack.declare([{ ...general, ...before }, batch]);
    await succeeds(stack.up());
    await apply(deploymentOn("w1", "one"));
    await eventually("its pod", 60, async () => (await stayingPods("one")).length === 1);
    identities = await look();
    logins = await Promise.all(members.map(loginsOn));
  });

  afterAll(async () => {
    await kubectl("delete", "deployment", "--all", "--wait=false");
    await succeeds(stack.destroy());
  });

  async function change(...pools: readonly object[]): Promise<void> {
    stack.declare(pools);
    const run = await succeeds(stack.up());
    // Only resources that change have a line.
    expect(run.text).not.toMatch(/HostEnrollment|remote:Command|replac|drain/);
  }

  it("J-37 adds, changes and removes its own labels, annotations and taints; foreign ones stay", async () => {
    await kubectl("label", "node", "w1", "example.com/foreign=kept");
    await kubectl("annotate", "node", "w1", "example.com/foreign=kept");
    await kubectl("taint", "node", "w1", "example.com/hot=true:PreferNoSchedule");
    await kubectl("cordon", "w2");
    await change({ ...general, ...after, hosts: [host(1, { state: "cordoned" })] }, batch);
    expect(await ownMetadata("w1")).toEqual({
      labels: { ...after.labels, "example.com/foreign": "kept" },
      annotations: {
        ...after.annotations,
        ...stamps,
        "nodepools.local/pool": "general",
        "nodepools.local/cordoned": "declared",
        "example.com/foreign": "kept",
      },
      taints: expect.arrayContaining([...after.taints, foreignTaint]),
    });
    // The third one is the controller manager's, of the cordon.
    await eventually("three taints", 20, async () => (await seen("w1")).spec.taints?.length === 3);
    expect(await isCordoned("w1")).toBe(true);
  });

  it("J-38 reports labels and taints changed by hand as drift", async () => {
    await kubectl("label", "node", "w1", "example.com/new-", "example.com/tier=by-hand", "--overwrite");
    await kubectl("taint", "node", "w1", "dedicated:NoSchedule-");
    const refresh = await succeeds(stack.run(["refresh", "--yes", "--skip-preview", "--diff"]));
    expect(refresh.text).toMatch(/- example\.com\/new : "yes"/);
    expect(refresh.text).toMatch(/~ example\.com\/tier: "front" => "by-hand"/);
    expect(refresh.text).toMatch(/- key {3}: "dedicated"/);
    expect(refresh.text).not.toMatch(/example\.com\/(hot|foreign)/);
    expect(refresh.text).toMatch(/^ *node "w2": cordoned, which nobody declared: kept\./m);
    expect(refresh.text.match(/^ *~ 1 updated$/m)).not.toBeNull();
  });

  it("J-38 puts them back with the next up; uncordons what it cordoned, not what an operator did", async () => {
    await change({ ...general, ...after }, { ...batch, labels: { "example.com/tier": "batch" } });
    expect(await ownMetadata("w1")).toMatchObject({
      labels: after.labels,
      taints: expect.arrayContaining([...after.taints, foreignTaint]),
    });
    expect(await isCordoned("w1")).toBe(false);
    expect((await seen("w2")).metadata.labels["example.com/tier"]).toBe("batch");
    expect(await isCordoned("w2")).toBe(true);
    await kubectl("uncordon", "w2");
  });

  it("J-36 moves hosts to a pool of another name in place", async () => {
    await change(...moved);
    expect(await ownMetadata("w1")).toEqual({
      labels: { "example.com/tier": "edge", "example.com/foreign": "kept" },
      annotations: { ...stamps, "nodepools.local/pool": "edge", "example.com/foreign": "kept" },
      taints: [foreignTaint],
    });
    expect((await seen("w2")).metadata.annotations["nodepools.local/pool"]).toBe("edge");
    expect(await readyNodes()).toEqual(members);
  });

  it("J-36 sees no change in reordered hosts and pools", async () => {
    stack.declare(moved.toReversed().map((pool) => ({ ...pool, hosts: pool.hosts.toReversed() })));
    await succeeds(stack.isSettled());
  });

  it("J-37 logged in nowhere for all that, and nodes and pods are still the same", async () => {
    // Counting takes a login itself.
    expect(await Promise.all(members.map(loginsOn))).toEqual(logins.map((count) => count + 1));
    expect(await look()).toEqual(identities);
  });
});
