// The smallest change that brings a Node to its declaration, and what is nobody's business but the operator's.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { hookNote } from "../../../components/model/hook-note.ts";
import { hashTrigger } from "../../../components/model/mark-values.ts";
import type { MarkEdits } from "../../../components/model/node-marks.ts";
import { type FormerDeclaration, planChange } from "../../../components/providers/membership/settle.ts";
import type { MembershipInputs } from "../../../components/providers/membership/state.ts";
import { guarded, markLabels } from "../../support/marks.ts";
import { membershipInputs, membershipOutputs, owner } from "../../support/provider-inputs.ts";

const stamped = { "nodepools.local/owner": owner, "nodepools.local/pool": "workers" };
const rebooting = (uncordon: boolean): MarkEdits => ({
  reboot: { trigger: hashTrigger("1"), bootId: "b", uncordon, down: true },
});
const cordonedByUs: MarkEdits = { cordoned: true };
const cordonLabel = { [guarded("cordoned")]: "declared" };
const leaving: MarkEdits = { leaving: "2026-01-01T00:00:00.000Z" };
const marks = markLabels({ owner, pool: "workers" });

interface Shown {
  /** Beside owner and pool; none at all for a Node that is new. */
  marks?: MarkEdits | "none";
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  taints?: { key: string; effect: string; value?: string }[];
  cordoned?: boolean;
}

function node({ marks = {}, labels = {}, annotations = stamped, taints = [], cordoned }: Shown): Node {
  const guardedLabels = marks === "none" ? {} : markLabels({ owner, pool: "workers", ...marks });
  return {
    metadata: { name: "w1", labels: { ...guardedLabels, ...labels }, annotations },
    spec: { taints, ...(cordoned !== undefined && { unschedulable: cordoned }) },
  };
}

function plan(shown: Shown, declared: Partial<MembershipInputs>, former?: Partial<FormerDeclaration>) {
  return planChange(node(shown), membershipInputs(declared), former && membershipOutputs(former));
}

describe("labels, annotations and taints", () => {
  const foreign = { key: "node.kubernetes.io/disk-pressure", effect: "NoSchedule" };
  const ours = { key: "dedicated", effect: "NoSchedule", value: "batch" } as const;

  it("plans nothing for a Node that is as declared", () => {
    const shown = { labels: { tier: "general", foreign: "x" }, taints: [foreign, ours] };
    expect(plan(shown, { labels: { tier: "general" }, taints: [ours] })).toBeUndefined();
  });

  it("stamps a new Node with owner and pool", () => {
    expect(plan({ marks: "none", annotations: { "csi.io/id": "x" } }, {})).toEqual({
      labels: marks,
      annotations: stamped,
    });
  });

  it("restamps the pool alone after a move", () => {
    expect(plan({}, { pool: "batch" }, {})).toEqual({
      labels: { [guarded("pool")]: "batch" },
      annotations: { "nodepools.local/pool": "batch" },
    });
  });

  it("moves the marks of an earlier version to where no kubelet writes them, and not the pool that it names", () => {
    const former = {
      ...stamped,
      "nodepools.local/pool": "prod-db",
      "nodepools.local/leaving": "2026-01-01T00:00:00Z",
    };
    expect(plan({ marks: "none", annotations: former, cordoned: true }, { schedulable: false })).toEqual({
      labels: { ...marks, ...cordonLabel },
      annotations: { "nodepools.local/pool": "workers", "nodepools.local/leaving": null },
    });
  });

  it("puts right what a kubelet has written over its annotations, and does nothing that they say", () => {
    const forged = { "nodepools.local/owner": "a/b/c", "nodepools.local/leaving": "2026-01-01T00:00:00Z" };
    expect(plan({ annotations: { ...stamped, ...forged }, cordoned: true }, {})).toEqual({
      annotations: { "nodepools.local/owner": owner, "nodepools.local/leaving": null },
    });
  });

  it("sets what differs, removes what is no longer declared, and names no other key", () => {
    const shown = { labels: { tier: "old", gone: "1", foreign: "x" } };
    const former = { labels: { tier: "old", gone: "1", never: "2" } };
    expect(plan(shown, { labels: { tier: "new", more: "" } }, former)).toEqual({
      labels: { tier: "new", more: "", gone: null },
    });
  });

  it("does not remove on first sight a key that nobody declared before", () => {
    expect(plan({ labels: { foreign: "x" }, taints: [foreign] }, {})).toBeUndefined();
  });

  it("keeps foreign taints in place, corrects and appends its own, and removes the undeclared ones", () => {
    const shown = { taints: [{ ...ours, value: "old" }, foreign, { key: "gone", effect: "NoExecute" }] };
    const former = { taints: [{ key: "gone", effect: "NoExecute" }] as const };
    const added = { key: "gpu", effect: "NoExecute" } as const;
    expect(plan(shown, { taints: [ours, added] }, former)).toEqual({ taints: [ours, foreign, added] });
  });

  it("does not let a declared annotation replace the stamp", () => {
    const declared = {
      annotations: { "nodepools.local/owner": "somebody" },
      labels: { [guarded("owner")]: "x" },
    };
    expect(plan({}, declared)).toBeUndefined();
  });
});

describe("the marks of a drain", () => {
  const drainStarted: MarkEdits = { drainStarted: "2026-01-01T00:00:00.000Z" };
  const leavingTaint = { key: "nodepools.local/leaving", effect: "NoSchedule" };
  const shown = { cordoned: true, marks: drainStarted, taints: [leavingTaint] };

  it("stay on a node that is declared drained, so that its drain goes on with its deadline", () => {
    expect(plan(shown, { schedulable: false, drained: true }, {})).toBeUndefined();
  });

  it("go from every other node", () => {
    expect(plan(shown, { schedulable: false }, {})).toEqual({
      labels: { [guarded("drain-started")]: null },
      taints: [],
    });
  });
});

describe("the cordon", () => {
  it.each<[string, Shown, boolean, Partial<FormerDeclaration> | undefined, object | undefined]>([
    ["keeps a schedulable node schedulable", {}, true, {}, undefined],
    [
      "cordons a node that is declared so, and marks the cordon",
      {},
      false,
      {},
      { unschedulable: true, labels: cordonLabel },
    ],
    [
      "keeps its cordon and the mark while they are declared",
      { cordoned: true, marks: cordonedByUs },
      false,
      { schedulable: false },
      undefined,
    ],
    [
      "lifts its cordon where the state does not know of it",
      { cordoned: true, marks: cordonedByUs },
      true,
      { schedulable: true },
      { unschedulable: false, labels: { [guarded("cordoned")]: null } },
    ],
    ["leaves a cordoned node that is declared so", { cordoned: true }, false, {}, undefined],
    ["keeps an operator's cordon", { cordoned: true }, true, { schedulable: true }, undefined],
    ["keeps an operator's cordon on first sight", { cordoned: true }, true, undefined, undefined],
    [
      "lifts the cordon that was declared before",
      { cordoned: true },
      true,
      { schedulable: false },
      { unschedulable: false },
    ],
    [
      "lifts nothing from a schedulable node that was declared cordoned",
      { cordoned: false },
      true,
      { schedulable: false },
      undefined,
    ],
    [
      "lifts the cordon and the mark of a node that was leaving",
      { cordoned: true, marks: leaving },
      true,
      {},
      { unschedulable: false, labels: { [guarded("leaving")]: null } },
    ],
    [
      "takes the cordon of a leaving node that is declared cordoned now for the declared one",
      { cordoned: true, marks: leaving },
      false,
      {},
      { labels: { [guarded("leaving")]: null, ...cordonLabel } },
    ],
    [
      "takes the cordon of a reboot that is declared no more for the declared one",
      { cordoned: true, marks: rebooting(true) },
      false,
      {},
      { labels: { [guarded("rebooting")]: null, ...cordonLabel } },
    ],
    [
      "lifts the cordon of a reboot that is declared no more",
      { cordoned: true, marks: rebooting(true) },
      true,
      {},
      { unschedulable: false, labels: { [guarded("rebooting")]: null } },
    ],
    [
      "keeps the cordon that was there before such a reboot",
      { cordoned: true, marks: rebooting(false) },
      true,
      {},
      { labels: { [guarded("rebooting")]: null } },
    ],
    [
      "takes only the mark from a node that an operator uncordoned",
      { cordoned: false, marks: leaving },
      true,
      {},
      { labels: { [guarded("leaving")]: null } },
    ],
  ])("%s", (_what, shown, schedulable, former, expected) => {
    expect(plan(shown, { schedulable }, former)).toEqual(expected);
  });
});

describe("the note of hooks that have run", () => {
  const maintenance = { schedulable: false, drained: true };
  const noted = hookNote.plan([{ key: "maintenance/beforeDrain/backup/0123456789", isDone: true }]);
  const shown = (cordoned: boolean) => ({
    ...{ cordoned, labels: noted.labels as Record<string, string> },
    annotations: { ...stamped, ...(noted.annotations as Record<string, string>) },
    marks: cordonedByUs,
  });
  const gone = {
    annotations: { "nodepools.local/hooks": null },
    labels: { [guarded("hooks")]: null },
  };

  it("J-M17 goes when a maintenance's cordon is put back: they run again before the next drain", () => {
    expect(plan(shown(false), maintenance, maintenance)).toEqual({ ...gone, unschedulable: true });
  });

  it("stays as long as the cordon does, and while a join is not done", () => {
    expect(plan(shown(true), maintenance, maintenance)).toBeUndefined();
    expect(plan(shown(false), maintenance, { ...maintenance, joined: false })).toEqual({
      unschedulable: true,
    });
  });
});
