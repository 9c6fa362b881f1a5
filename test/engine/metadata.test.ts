// Labels, taints, annotations, schedulability and the pool of a node change in place: nobody logs in, nothing moves. What
// somebody else has changed is drift, which each command that looks for it tells by its exit code.
import { beforeAll, describe, expect, it } from "vitest";
import type { MarkEdits } from "../../components/model/node-marks.ts";
import { markLabels } from "../support/marks.ts";
import { changeNode, nodeNamed } from "./site/nodes.ts";
import { review } from "./site/review.ts";
import { type EngineRun, saidOf, stepsOf, succeeds } from "./site/run.ts";
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
const edge = {
  labels: { "example.com/tier": "edge", "example.com/site": "north" },
  taints: [dedicated("edge")],
};
const moved = () => [
  { name: "edge", ...edge, hosts: [host(1), host(2)] },
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

it("J-36 moves hosts to a pool of another name in place; uncordons what it cordoned, not what an operator did", async () => {
  await change(...moved());
  const stamps = { "nodepools.local/owner": scene.stack.owner, "nodepools.local/pool": "edge" };
  expect(await ownMetadata("w1")).toEqual({
    labels: { ...edge.labels, "example.com/foreign": "kept", ...marksOf("edge") },
    annotations: { ...stamps, "example.com/foreign": "kept" },
    taints: expect.arrayContaining([...edge.taints, foreignTaint]),
  });
  expect((await nodeNamed("w1")).spec?.taints).toHaveLength(2);
  const { metadata } = await nodeNamed("w2");
  expect(metadata?.annotations).toMatchObject(stamps);
  expect(metadata?.labels).toMatchObject(edge.labels);
  expect([await isCordoned("w1"), await isCordoned("w2")]).toEqual([false, true]);
});

it("J-37 logged in nowhere for all that, and nodes are still the same", async () => {
  expect(scene.hosts.map((each) => each.logins())).toEqual(logins);
  expect(await uidsOf()).toEqual(uids);
});

const commands = {
  "preview --expect-no-changes": () => scene.stack.preview("--expect-no-changes"),
  "preview --refresh --expect-no-changes": () => scene.stack.preview("--refresh", "--expect-no-changes"),
  "refresh --preview-only --run-program --expect-no-changes": () =>
    scene.stack.operate("refresh", "--preview-only", "--run-program", "--expect-no-changes"),
} as const;
const rows = Object.entries(commands);

describe("J-38 labels and taints that were changed by hand", () => {
  const told = [
    'node w1: label example.com/site is gone, declared is "north", and is set back',
    'node w1: label example.com/tier is "by-hand", declared is "edge", and is set back',
    'node w1: taint dedicated:NoSchedule is gone, declared is "edge", and is set back',
  ];
  beforeAll(() =>
    changeNode("w1", {
      metadata: { labels: { "example.com/site": null, "example.com/tier": "by-hand" } },
      spec: { taints: [foreignTaint] },
    }),
  );

  it.each(rows)("are drift to %s, which names them", async (command, run) => {
    const ended = await run();
    expect(ended.status, ended.text).toBe(7);
    // A refresh has steps of its own.
    if (!command.includes("refresh")) expect(stepsOf(ended)).toEqual(["update NodeMembership w1"]);
    const lines = saidOf(ended).filter((line) => line.includes("set back"));
    expect(lines.sort()).toEqual(told.map((line) => `info: ${line}`));
    expect((await nodeNamed("w1")).metadata?.labels).toMatchObject({ "example.com/tier": "by-hand" });
  });

  it("are drift to nodepools review", async () => {
    const { status, stack } = await review(scene, "--fail-on", "drift");
    const concerns = stack.concerns.map(({ kind, text }) => `${kind}: ${text}`);
    expect({ status, concerns: concerns.sort() }).toEqual({
      status: 22,
      concerns: told.map((line) => `drift: ${line}`),
    });
  });

  it("are put back by an up that does nothing else", async () => {
    expect(stepsOf(await succeeds(scene.stack.up()))).toEqual(["update NodeMembership w1"]);
    expect(await ownMetadata("w1")).toMatchObject({
      labels: edge.labels,
      taints: expect.arrayContaining([...edge.taints, foreignTaint]),
    });
  });
});

describe("J-36 J-38 the same in another order, and somebody's own cordon", () => {
  beforeAll(async () => {
    const reordered = moved().map((pool) => ({ ...pool, hosts: pool.hosts.toReversed() }));
    scene.stack.declare(reordered.toReversed());
    expect(await isCordoned("w2")).toBe(true);
  });

  it.each(rows)("are nothing to %s", async (command, run) => {
    const ended = await run();
    expect(ended.status, ended.text).toBe(0);
    if (!command.includes("refresh")) expect(stepsOf(ended)).toEqual([]);
    const lines = saidOf(ended, "NodeMembership w2").filter((line) => line.includes("cordoned outside"));
    expect(lines).toHaveLength(command.includes("refresh") ? 1 : 0);
  });
});
