// Golden: the names and texts of the marks are on Nodes of clusters that exist, and in docs/node-marks.md.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isLabelKey, isLabelValue } from "../../../components/model/label-syntax.ts";
import {
  carriesStaleMark,
  planDrainCordon,
  planDrainEnd,
  planDrainStart,
  planLeaving,
  planReboot,
  planRebootEnd,
  planResetting,
  planStamp,
  planWithoutStaleMarks,
  settledMarks,
} from "../../../components/model/mark-changes.ts";
import { hashOwner, hashTrigger, type RebootMark } from "../../../components/model/mark-values.ts";
import { drainTaint, planMarks, readMarks } from "../../../components/model/node-marks.ts";
import { readinessNote } from "../../../components/model/readiness-note.ts";

const prefix = "nodepools.local.node-restriction.kubernetes.io";
const time = "2026-01-01T00:00:00.000Z";
const timeValue = "2026-01-01T00-00-00.000Z";
const bootId = "0b6c4b0a-3c8b-4d0e-9c39-7d5f0a2f6d11";
const trigger = 'kernel "6.12"';
const reboot: RebootMark = { trigger: "48952f8ab0c55def", bootId, uncordon: true, down: false };
const rebootJson = JSON.stringify({ trigger, bootId, uncordon: true, down: false });
const foreignTaint = { key: "dedicated", effect: "NoSchedule" };
const ownerHash = "d76a7b72669c9cec266b566bdec68efb";

type Keys = Record<string, string>;

const node = (labels: Keys = {}, unschedulable = false, taints = [foreignTaint], annotations: Keys = {}) => ({
  metadata: { labels, annotations },
  spec: { unschedulable, taints },
});
const cordoned = (labels?: Keys) => node(labels, true);
/** A Node as an earlier version left it. */
const former = (annotations: Keys, unschedulable = false) =>
  node({}, unschedulable, [foreignTaint], { "nodepools.local/owner": "a/b/c", ...annotations });
const stamp = { [`${prefix}/owner`]: hashOwner("a/b/c") };
const leaving = { [`${prefix}/leaving`]: timeValue };
const declaredCordon = { [`${prefix}/cordoned`]: "declared" };
const rebooting = { [`${prefix}/rebooting`]: `${reboot.trigger}.${bootId}.lift` };

it("hashes are as they are on Nodes", () => {
  expect([hashOwner("a/b/c"), hashTrigger(trigger)]).toEqual([ownerHash, reboot.trigger]);
});

const noted = readinessNote.plan([]) as { annotations: Keys; labels: Keys };
const withNote = (unschedulable: boolean, labels: Keys = {}) => ({
  metadata: { annotations: noted.annotations, labels: { ...noted.labels, ...labels } },
  spec: { unschedulable, taints: [] },
});
const noteGone = {
  annotations: { "nodepools.local/ready-before": null },
  labels: { [`${prefix}/ready-before`]: null },
};

describe("the note of what was Ready before a drain", () => {
  it.each([
    ["goes with a new cordon of a node that leaves", planLeaving(withNote(false), time)],
    ["goes with a new cordon of a reboot", planReboot(withNote(false), reboot)],
    ["goes with a new cordon of a drain", planDrainCordon(withNote(false), false)],
    ["goes with the cordon that a drain lifts", planDrainEnd(withNote(true), true)],
    ["goes with stale marks", planWithoutStaleMarks(withNote(true, leaving), {})],
  ])("%s", (_what, change) => {
    expect(change).toMatchObject(noteGone);
  });

  it.each([
    ["a drain that goes on", planDrainCordon(withNote(true), true)],
    ["a reboot that goes on", planReboot(withNote(true), reboot)],
  ])("stays with the cordon of %s", (_what, change) => {
    expect(change).toBeDefined();
    expect(change?.labels ?? {}).not.toHaveProperty([`${prefix}/ready-before`]);
  });
});

describe("reading", () => {
  const all = {
    ...{ ...stamp, ...leaving, ...declaredCordon, ...rebooting },
    [`${prefix}/pool`]: "workers",
    [`${prefix}/drain-started`]: timeValue,
    [`${prefix}/resetting`]: timeValue,
  };

  it("finds every mark", () => {
    expect(readMarks(node(all, true, [drainTaint], { "nodepools.local/owner": "a/b/c" }))).toEqual({
      owner: { hash: ownerHash, name: "a/b/c", guarded: true },
      ...{ pool: "workers", cordoned: true, leaving: time, reboot },
      ...{ drainStarted: time, drainTaint: true, resetting: time, mayBeResetting: false },
      ...{ isPassingCordon: true, isOwnCordon: true },
    });
  });

  it("finds none on a Node of nobody", () => {
    const none = { owner: undefined, pool: undefined, leaving: undefined, reboot: undefined };
    expect(readMarks({})).toEqual({
      ...none,
      ...{ cordoned: false, drainStarted: undefined, drainTaint: false, resetting: undefined },
      ...{ mayBeResetting: false, isPassingCordon: false, isOwnCordon: false },
    });
  });

  it("believes no annotation of a Node whose stamp no kubelet can write", () => {
    const forged = {
      "nodepools.local/owner": "acme/x/y",
      "nodepools.local/pool": "prod-db",
      "nodepools.local/cordoned": "declared",
      "nodepools.local/leaving": time,
      "nodepools.local/rebooting": rebootJson,
      "nodepools.local/drain-started": time,
      "nodepools.local/resetting": time,
    };
    const honest = readMarks(node({ ...stamp, [`${prefix}/pool`]: "workers" }, true));
    expect(readMarks(node({ ...stamp, [`${prefix}/pool`]: "workers" }, true, [], forged))).toEqual(honest);
    expect(honest.owner).toEqual({ hash: ownerHash, name: undefined, guarded: true });
  });

  it("reads what an earlier version has written, but for the pool and a reset, which others know", () => {
    const annotations = {
      "nodepools.local/pool": "prod-db",
      "nodepools.local/leaving": time,
      "nodepools.local/cordoned": "declared",
      "nodepools.local/rebooting": rebootJson,
      "nodepools.local/drain-started": time,
      "nodepools.local/resetting": time,
    };
    expect(readMarks(former(annotations, true))).toMatchObject({
      owner: { hash: ownerHash, name: "a/b/c", guarded: false },
      ...{ pool: undefined, leaving: time, cordoned: true, reboot, drainStarted: time },
      ...{ resetting: undefined, mayBeResetting: true },
    });
  });

  it.each(["true", `${"0".repeat(16)}.${bootId}`, `x.${bootId}.lift`])(
    "takes %s for nobody's reboot",
    (text) => {
      expect(readMarks(node({ [`${prefix}/rebooting`]: text })).reboot).toBeUndefined();
    },
  );

  it.each(["true", "since noon", '{"trigger":"1"}', '{"trigger":1,"bootId":"b"}'])(
    "takes %s for nobody's reboot in an annotation",
    (text) => {
      expect(readMarks(former({ "nodepools.local/rebooting": text })).reboot).toBeUndefined();
    },
  );

  it.each([
    ["a leaving node", leaving, true, true],
    ["a rebooted one that was schedulable", rebooting, true, true],
    ["a declared cordon", declaredCordon, false, true],
    ["an operator's cordon", {}, false, false],
  ])("knows whose the cordon is: %s", (_what, labels, isPassingCordon, isOwnCordon) => {
    expect(readMarks(cordoned(labels))).toMatchObject({ isPassingCordon, isOwnCordon });
  });
});

describe("writing", () => {
  const key = (name: string) => `${prefix}/${name}`;

  it.each<[string, unknown, unknown]>([
    [
      "a stamp",
      planStamp(node(), "a/b/c"),
      { labels: stamp, annotations: { "nodepools.local/owner": "a/b/c" } },
    ],
    ["a node that leaves", planLeaving(node(), time), { labels: leaving, unschedulable: true }],
    ["a node that leaves, cordoned by an operator", planLeaving(cordoned(), time), undefined],
    ["a reset", planResetting(node(), time), { labels: { [key("resetting")]: timeValue } }],
    ["a reboot", planReboot(node(), reboot), { labels: rebooting, unschedulable: true }],
    ["a reboot that is marked", planReboot(cordoned(rebooting), reboot), undefined],
    ["a reboot whose cordon was lifted", planReboot(node(rebooting), reboot), { unschedulable: true }],
    [
      "a machine that is down for a reboot",
      planReboot(cordoned(rebooting), { ...reboot, uncordon: false, down: true }),
      { labels: { [key("rebooting")]: `${reboot.trigger}.${bootId}.keep-down` }, unschedulable: true },
    ],
    [
      "the end of a reboot",
      planRebootEnd(cordoned(rebooting), true),
      { labels: { [key("rebooting")]: null }, unschedulable: false },
    ],
    ["the end of none", planRebootEnd(cordoned(), true), undefined],
    ["a drain's cordon", planDrainCordon(node(), false), { unschedulable: true }],
    ["a drain's cordon where there is one", planDrainCordon(cordoned(), false), undefined],
    [
      "a drain of DaemonSets too",
      planDrainCordon(cordoned(), true),
      { taints: [foreignTaint, { key: "nodepools.local/leaving", effect: "NoSchedule" }] },
    ],
    ["a drain's start", planDrainStart(node(), time), { labels: { [key("drain-started")]: timeValue } }],
    [
      "a drain's start that is marked",
      planDrainStart(node({ [key("drain-started")]: timeValue }), time),
      undefined,
    ],
    ["the end of a drain that was not stamped", planDrainEnd(node(), false), undefined],
    [
      "the end of a drain that restores",
      planDrainEnd(
        node({ ...leaving, [key("drain-started")]: timeValue }, true, [foreignTaint, drainTaint]),
        true,
      ),
      {
        unschedulable: false,
        labels: { [key("drain-started")]: null, [key("leaving")]: null },
        taints: [foreignTaint],
      },
    ],
  ])("%s", (_what, plan, expected) => {
    expect(plan).toEqual(expected);
  });

  it("of a settled member keeps the stamps and what is declared", () => {
    const declared = { owner: "a/b/c", pool: "workers", drained: true };
    const shown = cordoned({ ...leaving, ...rebooting, [key("drain-started")]: timeValue });
    expect(planMarks(shown, settledMarks(declared, true))).toEqual({
      labels: {
        ...{ ...stamp, ...declaredCordon, [key("pool")]: "workers" },
        ...{ [key("leaving")]: null, [key("rebooting")]: null },
      },
      annotations: { "nodepools.local/owner": "a/b/c", "nodepools.local/pool": "workers" },
    });
  });

  it("moves what an earlier version has written, all of it, with the first mark that is written", () => {
    const shown = former({
      "nodepools.local/pool": "workers",
      "nodepools.local/leaving": time,
      "nodepools.local/rebooting": rebootJson,
      "nodepools.local/resetting": time,
    });
    expect(planDrainStart(shown, time)).toEqual({
      labels: { ...stamp, ...leaving, ...rebooting, [key("drain-started")]: timeValue },
      annotations: {
        "nodepools.local/leaving": null,
        "nodepools.local/rebooting": null,
        "nodepools.local/resetting": null,
      },
    });
  });

  it.each(["since noon", "", "x".repeat(70), "2026-01-01T00:00:00.000Z\n"])(
    "moves a time that somebody wrote as %j, without failing",
    (text) => {
      const { labels = {} } = planMarks(former({ "nodepools.local/leaving": text }), {});
      expect(labels[key("leaving")]).toBe("unknown");
    },
  );

  it("writes only what a label can hold, whatever a kubelet reports", () => {
    const marks = { reboot: { ...reboot, bootId: "ä/ b\n".repeat(50), uncordon: false, down: true } };
    const edits = {
      ...marks,
      owner: "o".repeat(300),
      pool: "p".repeat(63),
      leaving: time,
      drainStarted: time,
    };
    const { labels = {} } = planMarks({}, { ...edits, resetting: time, cordoned: true });
    expect(Object.keys(labels)).toHaveLength(7);
    for (const [name, value] of Object.entries(labels))
      expect([name, isLabelKey(name), isLabelValue(value ?? "")]).toEqual([name, true, true]);
    const longest = planMarks({}, { reboot: { ...reboot, uncordon: false, down: true } });
    expect(longest.labels?.[key("rebooting")]).toHaveLength(63);
  });
});

describe("a mark that no longer matches the declaration", () => {
  const allGone = { [`${prefix}/leaving`]: null };

  it.each<[string, Keys, Parameters<typeof carriesStaleMark>[1], boolean]>([
    ["of a removal", leaving, {}, true],
    ["of a reboot by another trigger", rebooting, { rebootTrigger: "2" }, true],
    ["not of the reboot that is declared", rebooting, { rebootTrigger: trigger }, false],
    ["of a cordon", declaredCordon, {}, true],
    ["not of the cordon that is declared", declaredCordon, { cordoned: true }, false],
    ["not of an operator's cordon", {}, {}, false],
  ])("%s", (_what, labels, declared, isStale) => {
    expect(carriesStaleMark(cordoned(labels), declared)).toBe(isStale);
  });

  it("is a note alone as well, where the cordon is somebody else's, but for a maintenance or the reboot that is declared", () => {
    const held = withNote(true);
    expect(planWithoutStaleMarks(held, {})).toEqual(noteGone);
    expect(carriesStaleMark(held, { maintenance: true })).toBe(false);
    expect(carriesStaleMark(withNote(true, rebooting), { rebootTrigger: trigger })).toBe(false);
  });

  it("goes with the cordon that came with it, not with an operator's or a declared one", () => {
    expect(planWithoutStaleMarks(cordoned(leaving), {})).toEqual({ labels: allGone, unschedulable: false });
    expect(planWithoutStaleMarks(cordoned(leaving), { maintenance: true })).toEqual({
      labels: { ...allGone, ...declaredCordon },
      unschedulable: true,
    });
    const operators = cordoned({ [`${prefix}/rebooting`]: `${reboot.trigger}.${bootId}.keep` });
    expect(planWithoutStaleMarks(operators, {})).toEqual({ labels: { [`${prefix}/rebooting`]: null } });
  });

  it("is none that an earlier version has written where it stays: that is moved when the roster changes anyway", () => {
    const shown = former({ "nodepools.local/cordoned": "declared" }, true);
    expect(carriesStaleMark(shown, { cordoned: true })).toBe(false);
    expect(planWithoutStaleMarks(shown, { cordoned: true, pool: "workers" })).toEqual({
      labels: { ...stamp, ...declaredCordon, [`${prefix}/pool`]: "workers" },
      annotations: { "nodepools.local/cordoned": null, "nodepools.local/pool": "workers" },
    });
    expect(
      planWithoutStaleMarks(cordoned({ ...stamp, ...declaredCordon }), { cordoned: true }),
    ).toBeUndefined();
  });
});

it("every name is in the table for operators", () => {
  const source = readFileSync("components/model/node-marks.ts", "utf8");
  const names = [...source.matchAll(/"(nodepools\.local[\w.-]*\/[\w-]+)"/g)].map(([, name]) => name);
  const table = readFileSync("docs/node-marks.md", "utf8");
  expect(new Set(names).size).toBeGreaterThan(12);
  expect(names.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});
