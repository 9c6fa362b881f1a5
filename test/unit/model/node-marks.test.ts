// Golden: the names and texts of the marks are on Nodes of clusters that exist, and in docs/node-marks.md.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  carriesStaleMark,
  drainTaint,
  planDrainCordon,
  planDrainEnd,
  planDrainStart,
  planLeaving,
  planReboot,
  planRebootEnd,
  planResetting,
  planStamp,
  planWithoutStaleMarks,
  type RebootMark,
  readMarks,
  settledMarks,
} from "../../../components/model/node-marks.ts";
import { planReadinessNote } from "../../../components/model/readiness-note.ts";

const time = "2026-01-01T00:00:00.000Z";
const reboot: RebootMark = { trigger: 'kernel "6.12"', bootId: "b-1", uncordon: true, down: false };
const rebootText = String.raw`{"trigger":"kernel \"6.12\"","bootId":"b-1","uncordon":true,"down":false}`;
const foreignTaint = { key: "dedicated", effect: "NoSchedule" };

const node = (annotations: Record<string, string> = {}, unschedulable = false, taints = [foreignTaint]) => ({
  metadata: { annotations },
  spec: { unschedulable, taints },
});
const cordoned = (annotations?: Record<string, string>) => node(annotations, true);
const leaving = { "nodepools.local/leaving": time };
const declaredCordon = { "nodepools.local/cordoned": "declared" };
const rebooting = { "nodepools.local/rebooting": rebootText };

const noted = planReadinessNote([]) as {
  annotations: Record<string, string>;
  labels: Record<string, string>;
};
const withNote = (unschedulable: boolean) => ({
  metadata: { ...noted },
  spec: { unschedulable, taints: [] },
});
const noteGone = {
  annotations: { "nodepools.local/ready-before": null },
  labels: { "nodepools.local.node-restriction.kubernetes.io/ready-before": null },
};

describe("the note of what was Ready before a drain", () => {
  it.each([
    ["goes with a new cordon of a node that leaves", planLeaving(withNote(false), time)],
    ["goes with a new cordon of a reboot", planReboot(withNote(false), reboot)],
    ["goes with a new cordon of a drain", planDrainCordon(withNote(false), false)],
    ["goes with the cordon that a drain lifts", planDrainEnd(withNote(true), true)],
    ["goes with stale marks", planWithoutStaleMarks({ ...withNote(true), metadata: staleNote() }, {})],
  ])("%s", (_what, change) => {
    expect(change).toMatchObject(noteGone);
  });

  it.each([
    ["a drain that goes on", planDrainCordon(withNote(true), true)],
    ["a reboot that goes on", planReboot(withNote(true), reboot)],
  ])("stays with the cordon of %s", (_what, change) => {
    expect(change).toBeDefined();
    expect(change?.labels).toBeUndefined();
  });
});

function staleNote() {
  return { labels: noted.labels, annotations: { ...noted.annotations, ...leaving } };
}

describe("reading", () => {
  it("finds every mark", () => {
    const all = {
      ...{ ...leaving, ...declaredCordon, ...rebooting },
      "nodepools.local/owner": "a/b/c",
      "nodepools.local/pool": "workers",
      "nodepools.local/drain-started": time,
      "nodepools.local/resetting": time,
    };
    expect(readMarks(node(all, true, [{ key: "nodepools.local/leaving", effect: "NoSchedule" }]))).toEqual({
      ...{ owner: "a/b/c", pool: "workers", cordoned: true, leaving: time, reboot },
      ...{ drainStarted: time, drainTaint: true, resetting: time },
      ...{ isPassingCordon: true, isOwnCordon: true },
    });
  });

  it("finds none on a Node of nobody", () => {
    const none = { owner: undefined, pool: undefined, leaving: undefined, reboot: undefined };
    expect(readMarks({})).toEqual({
      ...none,
      ...{ cordoned: false, drainStarted: undefined, drainTaint: false, resetting: undefined },
      ...{ isPassingCordon: false, isOwnCordon: false },
    });
  });

  it.each([["true"], ["since noon"], ['{"trigger":"1"}']])("takes %s for nobody's reboot", (text) => {
    expect(readMarks(node({ "nodepools.local/rebooting": text })).reboot).toBeUndefined();
  });

  it.each([
    ["a leaving node", leaving, true, true],
    ["a rebooted one that was schedulable", rebooting, true, true],
    ["a declared cordon", declaredCordon, false, true],
    ["an operator's cordon", {}, false, false],
  ])("knows whose the cordon is: %s", (_what, annotations, isPassingCordon, isOwnCordon) => {
    expect(readMarks(cordoned(annotations))).toMatchObject({ isPassingCordon, isOwnCordon });
  });
});

describe("writing", () => {
  it.each<[string, unknown, unknown]>([
    ["a stamp", planStamp("a/b/c"), { annotations: { "nodepools.local/owner": "a/b/c" } }],
    ["a node that leaves", planLeaving(node(), time), { annotations: leaving, unschedulable: true }],
    ["a node that leaves, cordoned by an operator", planLeaving(cordoned(), time), undefined],
    ["a reset", planResetting(time), { annotations: { "nodepools.local/resetting": time } }],
    ["a reboot", planReboot(node(), reboot), { annotations: rebooting, unschedulable: true }],
    ["a reboot that is marked", planReboot(cordoned(rebooting), reboot), undefined],
    ["a reboot whose cordon was lifted", planReboot(node(rebooting), reboot), expect.anything()],
    [
      "the end of a reboot",
      planRebootEnd(cordoned(rebooting), true),
      { annotations: { "nodepools.local/rebooting": null }, unschedulable: false },
    ],
    ["the end of none", planRebootEnd(cordoned(), true), undefined],
    ["a drain's cordon", planDrainCordon(node(), false), { unschedulable: true }],
    ["a drain's cordon where there is one", planDrainCordon(cordoned(), false), undefined],
    [
      "a drain of DaemonSets too",
      planDrainCordon(cordoned(), true),
      { taints: [foreignTaint, { key: "nodepools.local/leaving", effect: "NoSchedule" }] },
    ],
    [
      "a drain's start",
      planDrainStart(node(), time),
      { annotations: { "nodepools.local/drain-started": time } },
    ],
    ["the end of a drain that was not stamped", planDrainEnd(node(), false), undefined],
    [
      "the end of a drain that restores",
      planDrainEnd(node({}, true, [foreignTaint, drainTaint]), true),
      {
        unschedulable: false,
        annotations: { "nodepools.local/drain-started": null, "nodepools.local/leaving": null },
        taints: [foreignTaint],
      },
    ],
  ])("%s", (_what, plan, expected) => {
    expect(plan).toEqual(expected);
  });

  it("of a settled member keeps the stamps and what is declared", () => {
    const declared = { owner: "a/b/c", pool: "workers", schedulable: false, drained: true };
    expect(settledMarks(declared, true)).toEqual({
      outdated: { "nodepools.local/leaving": "", "nodepools.local/rebooting": "" },
      kept: {
        "nodepools.local/owner": "a/b/c",
        "nodepools.local/pool": "workers",
        "nodepools.local/cordoned": "declared",
      },
    });
  });
});

describe("a mark that no longer matches the declaration", () => {
  const allGone = {
    "nodepools.local/leaving": null,
    "nodepools.local/drain-started": null,
    "nodepools.local/rebooting": null,
  };

  it.each<[string, Record<string, string>, Parameters<typeof carriesStaleMark>[1], boolean]>([
    ["of a removal", leaving, {}, true],
    ["of a reboot by another trigger", rebooting, { rebootTrigger: "2" }, true],
    ["not of the reboot that is declared", rebooting, { rebootTrigger: reboot.trigger }, false],
    ["of a cordon", declaredCordon, {}, true],
    ["not of the cordon that is declared", declaredCordon, { cordoned: true }, false],
    ["not of an operator's cordon", {}, {}, false],
  ])("%s", (_what, annotations, declared, isStale) => {
    expect(carriesStaleMark(cordoned(annotations), declared)).toBe(isStale);
  });

  it("goes with the cordon that came with it, not with an operator's or a declared one", () => {
    expect(planWithoutStaleMarks(cordoned(leaving), {})).toEqual({
      annotations: { ...allGone, "nodepools.local/cordoned": null },
      unschedulable: false,
    });
    expect(planWithoutStaleMarks(cordoned(leaving), { maintenance: true })).toEqual({
      annotations: { ...allGone, "nodepools.local/cordoned": "declared" },
      unschedulable: true,
    });
    const operators = cordoned({
      "nodepools.local/rebooting": JSON.stringify({ ...reboot, uncordon: false }),
    });
    expect(planWithoutStaleMarks(operators, {})).toEqual({ annotations: allGone });
  });
});

it("every name is in the table for operators", () => {
  const source = readFileSync("components/model/node-marks.ts", "utf8");
  const names = [...source.matchAll(/"(nodepools\.local\/[\w-]+)"/g)].map(([, name]) => name);
  const table = readFileSync("docs/node-marks.md", "utf8");
  expect(new Set(names).size).toBeGreaterThan(5);
  expect(names.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
});
