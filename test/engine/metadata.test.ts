// Labels, taints, annotations, schedulability and the pool of a node change in place: nobody logs in, nothing moves.

import { beforeAll, expect, it } from "vitest";
import type { MarkEdits } from "../../components/model/node-marks.ts";
import { markLabels } from "../support/marks.ts";
import { changeNode, nodeNamed, readyNodes } from "./site/nodes.ts";
import { type EngineRun, fails, saidOf, stepsOf, succeeds } from "./site/run.ts";
import { setScene } from "./site/scene.ts";

const members = ["w1", "w2"];
const scene = setScene("metadata", 4);
let uids: readonly (string | undefined)[];
let logins: readonly number[];

const dedicated = (value: string) => ({ key: "dedicated", value, effect: "NoSchedule" });
const host = (index: number, others?: object) => scene.host(index).declare(others);
const spare = (index: number) => host(index, { state: "spare" });
const general = (w1: object = {}) => ({ name: "general", hosts: [host(1, w1), spare(3)] });
const batch = (more: object = {}) => ({ name: "batch", ...more, hosts: [host(2), spare(4)] });
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
const moved = () => [
  { name: "edge", labels: { "example.com/tier": "edge" }, hosts: [host(1), host(2)] },
  { name: "general", hosts: [spare(3), spare(4)] },
];
const foreignTaint = { key: "example.com/hot", value: "true", effect: "PreferNoSchedule" };

/** Returns the labels and annotations that this test or the program may have set, and the taints. */
async function ownMetadata(name: string): Promise<object> {
  const { metadata, spec } = await nodeNamed(name);
  const ours = (keys: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(keys).filter(([key]) => /^(example\.com|nodepools\.local[^/]*)\//.test(key)),
    );
  return {
    labels: ours(metadata?.labels),
    annotations: ours(metadata?.annotations),
    taints: spec?.taints ?? [],
  };
}

const marksOf = (pool: string, more: MarkEdits = {}) =>
  markLabels({ owner: scene.stack.owner, pool, ...more });
const uidsOf = () => Promise.all(members.map(async (name) => (await nodeNamed(name)).metadata?.uid));
const isCordoned = async (name: string) => (await nodeNamed(name)).spec?.unschedulable === true;

/** Applies a change that may touch nothing but Nodes. */
async function change(...pools: readonly object[]): Promise<EngineRun> {
  scene.stack.declare(pools);
  const run = await succeeds(scene.stack.up());
  expect(
    stepsOf(run).filter(
      (step) => !/^update (NodeMembership|Roster) /.test(step) && !/NodePool|PoolNode/.test(step),
    ),
  ).toEqual([]);
  return run;
}

beforeAll(async () => {
  scene.stack.declare([{ ...general(), ...before }, batch()]);
  await succeeds(scene.stack.up());
  uids = await uidsOf();
  logins = scene.hosts.map((each) => each.logins());
});

it("J-37 adds, changes and removes its own labels, annotations and taints; foreign ones stay", async () => {
  const foreign = { "example.com/foreign": "kept" };
  const { spec } = await nodeNamed("w1");
  await changeNode("w1", {
    metadata: { labels: foreign, annotations: foreign },
    spec: { taints: [...(spec?.taints ?? []), foreignTaint] },
  });
  await changeNode("w2", { spec: { unschedulable: true } });
  await change({ ...general({ state: "cordoned" }), ...after }, batch());
  const owner = { "nodepools.local/owner": scene.stack.owner, "nodepools.local/pool": "general" };
  expect(await ownMetadata("w1")).toEqual({
    labels: { ...after.labels, ...foreign, ...marksOf("general", { cordoned: true }) },
    annotations: { ...after.annotations, ...owner, ...foreign },
    taints: expect.arrayContaining([...after.taints, foreignTaint]),
  });
  expect((await nodeNamed("w1")).spec?.taints).toHaveLength(2);
  expect(await isCordoned("w1")).toBe(true);
});

it("J-38 reports labels and taints changed by hand as drift", async () => {
  await changeNode("w1", {
    metadata: { labels: { "example.com/new": null, "example.com/tier": "by-hand" } },
    spec: { taints: [foreignTaint] },
  });
  const run = await fails(scene.stack.preview("--expect-no-changes"));
  // The cordon of w2 is its operator's.
  expect(stepsOf(run)).toEqual(["update NodeMembership w1"]);
  const told = saidOf(run).filter((line) => line.includes("set back"));
  expect(told.sort()).toEqual([
    'info: node w1: label example.com/new is gone, declared is "yes", and is set back',
    'info: node w1: label example.com/tier is "by-hand", declared is "front", and is set back',
    'info: node w1: taint dedicated:NoSchedule is gone, declared is "front", and is set back',
  ]);
});

it("J-38 puts them back with the next up; uncordons what it cordoned, not what an operator did", async () => {
  await change({ ...general(), ...after }, batch({ labels: { "example.com/tier": "batch" } }));
  expect(await ownMetadata("w1")).toMatchObject({
    labels: after.labels,
    taints: expect.arrayContaining([...after.taints, foreignTaint]),
  });
  expect(await isCordoned("w1")).toBe(false);
  expect((await nodeNamed("w2")).metadata?.labels).toMatchObject({ "example.com/tier": "batch" });
  expect(await isCordoned("w2")).toBe(true);
  await changeNode("w2", { spec: { unschedulable: null } });
});

it("J-36 moves hosts to a pool of another name in place", async () => {
  await change(...moved());
  const stamps = { "nodepools.local/owner": scene.stack.owner, "nodepools.local/pool": "edge" };
  expect(await ownMetadata("w1")).toEqual({
    labels: { "example.com/tier": "edge", "example.com/foreign": "kept", ...marksOf("edge") },
    annotations: { ...stamps, "example.com/foreign": "kept" },
    taints: [foreignTaint],
  });
  expect((await nodeNamed("w2")).metadata?.annotations).toMatchObject(stamps);
  expect(await readyNodes()).toEqual(members);
});

it("J-36 sees no change in reordered hosts and pools", async () => {
  const reordered = moved().map((pool) => ({ ...pool, hosts: pool.hosts.toReversed() }));
  scene.stack.declare(reordered.toReversed());
  expect(stepsOf(await succeeds(scene.stack.preview()))).toEqual([]);
});

it("J-37 logged in nowhere for all that, and nodes are still the same", async () => {
  expect(scene.hosts.map((each) => each.logins())).toEqual(logins);
  expect(await uidsOf()).toEqual(uids);
});
