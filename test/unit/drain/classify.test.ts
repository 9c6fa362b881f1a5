// The verdict on one pod. Case ids: acceptance table of the drain.
import { describe, expect, it } from "vitest";
import { classifyPod, type PodCircumstances, type PodVerdict } from "../../../components/drain/classify.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { type PodTraits, pod } from "./pods.ts";

const now = Date.parse("2030-01-01T00:00:00Z") / 1000;
const daemonSet = { kind: "DaemonSet" };
const kruise = { kind: "DaemonSet", apiVersion: "apps.kruise.io/v1alpha1" };
const job = { kind: "Job", apiVersion: "batch/v1" };
const force = { force: true };
const emptyDirData = { deleteEmptyDirData: true };
const orphan = "pods whose DaemonSet is gone";
const scratch = "pods with emptyDir data";
const naked = "pods without a controller";

/** A verdict apart from its rank. */
type Action = PodVerdict extends infer Verdict
  ? Verdict extends unknown
    ? Omit<Verdict, "rank">
    : never
  : never;

const evict = (...losses: string[]): Action => ({
  action: "evict",
  losses: losses.map((what) => `evicted ${what}`),
});
const refuse = (...refusals: string[]): Action => ({ action: "refuse", refusals });
const waitFor = (awaited: string): Action => ({ action: "wait", awaited });
const waitOrDelete = (awaited: string, ...losses: string[]): Action => ({
  ...{ action: "wait", awaited },
  lossesIfDeleted: losses,
});
const terminating = waitFor("terminating, but not gone");
const ignore = (reason?: string): Action => ({ action: "ignore", ...(reason && { reason }) });
const stays = ignore("pods of DaemonSets stay");
const orphanRefusal = `${orphan} (drain.force allows it)`;
const scratchRefusal = `${scratch} (drain.deleteEmptyDirData allows it)`;
const nakedRefusal = `${naked} (drain.force allows it)`;

type Row = [
  id: string,
  traits: PodTraits,
  policy: Partial<DrainPolicy>,
  exists: boolean | undefined,
  action: Action,
];

const rows: Row[] = [
  ["D-E01 controlled", {}, {}, undefined, evict()],
  ["D-E03 DaemonSet's", { owner: daemonSet }, {}, true, stays],
  ["D-E04 DaemonSet's, finished", { owner: daemonSet, phase: "Succeeded" }, {}, true, evict()],
  ["D-E05 DaemonSet gone", { owner: daemonSet }, {}, false, refuse(orphanRefusal)],
  ["D-E05 DaemonSet gone, forced", { owner: daemonSet }, force, false, evict(orphan)],
  ["D-E06 DaemonSet's with emptyDir", { owner: daemonSet, emptyDir: "disk" }, {}, true, stays],
  ["D-E07 DaemonSet of another group", { owner: kruise }, {}, undefined, evict()],
  [
    "D-E08 DaemonSet unknown",
    { owner: daemonSet },
    force,
    undefined,
    refuse("pods whose DaemonSet could not be read"),
  ],
  ["D-E09 naked", { owner: "none" }, {}, undefined, refuse(nakedRefusal)],
  ["D-E09 naked, forced", { owner: "none" }, force, undefined, evict(naked)],
  [
    "D-E10 owner that is no controller",
    { owner: { kind: "Job", controller: false } },
    {},
    undefined,
    refuse(nakedRefusal),
  ],
  ["D-E12 emptyDir", { emptyDir: "disk" }, force, undefined, refuse(scratchRefusal)],
  [
    "D-E13 Job with emptyDir, all allowed",
    { owner: job, emptyDir: "disk" },
    { ...force, ...emptyDirData },
    undefined,
    evict(scratch),
  ],
  [
    "D-E14 finished Job with emptyDir",
    { owner: job, emptyDir: "disk", phase: "Succeeded" },
    {},
    undefined,
    evict(),
  ],
  [
    "D-E14 failed naked with emptyDir",
    { owner: "none", emptyDir: "disk", phase: "Failed" },
    {},
    undefined,
    evict(),
  ],
  ["D-E15 emptyDir in memory", { emptyDir: "memory" }, {}, undefined, refuse(scratchRefusal)],
  [
    "D-E16 naked with emptyDir: both causes",
    { owner: "none", emptyDir: "disk" },
    {},
    undefined,
    refuse(scratchRefusal, nakedRefusal),
  ],
  [
    "D-E17 mirror, naked, emptyDir",
    { owner: "none", emptyDir: "disk", mirror: true },
    {},
    undefined,
    ignore(),
  ],
  [
    "D-E20 orphan with emptyDir: both warnings",
    { owner: daemonSet, emptyDir: "disk" },
    { ...force, ...emptyDirData },
    false,
    evict(orphan, scratch),
  ],
  ["D-V08 terminating, naked", { owner: "none", deletedAt: now - 100 }, {}, undefined, terminating],
];

/** What is to be done with one pod; its place in the order is tested with the rules. */
function rule(traits: PodTraits, policy: Partial<DrainPolicy>, rest: Partial<PodCircumstances> = {}): Action {
  const strict = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false };
  const { rank: _, ...action } = classifyPod(pod("p", traits), {
    policy: { ...strict, ...policy },
    daemonSetExists: undefined,
    namespaceLabels: {},
    nodeUnreachable: false,
    now,
    ...rest,
  });
  return action;
}

it.each(rows)("%s", (_id, traits, policy, daemonSetExists, action) => {
  expect(rule(traits, policy, { daemonSetExists })).toEqual(action);
});

describe("a pod whose deletion time has passed", () => {
  const stuck = { deletedAt: now - 100 };
  const leftBehind = ignore("pods left behind, terminating for more than 20 s");
  const silent = ignore("pods left behind on a node that does not answer");
  it.each<[string, PodTraits, Partial<DrainPolicy>, Action]>([
    [
      "D-E26 is left behind when the policy waits shorter",
      stuck,
      { skipWaitForDeleteTimeoutSeconds: 20 },
      leftBehind,
    ],
    [
      "D-E26 is waited for within that time",
      { deletedAt: now - 1 },
      { skipWaitForDeleteTimeoutSeconds: 20 },
      terminating,
    ],
    ["D-E26 is waited for without such a limit", stuck, {}, terminating],
    [
      "D-E26 is waited for at the very limit",
      { deletedAt: now - 20 },
      { skipWaitForDeleteTimeoutSeconds: 20 },
      terminating,
    ],
  ])("%s", (_name, traits, policy, action) => {
    expect(rule(traits, policy)).toEqual(action);
  });

  it.each<[string, number, boolean, Action]>([
    ["D-N04 is left behind on a node that does not answer", now - 1, true, silent],
    ["is waited for there before that time", now + 1, true, terminating],
    ["D-N07 is waited for where the kubelet answers", now - 1, false, terminating],
  ])("%s", (_name, deletedAt, nodeUnreachable, action) => {
    expect(rule({ deletedAt }, {}, { nodeUnreachable })).toEqual(action);
  });
});

describe("podSelector", () => {
  const policy = { podSelector: "app in (web, db)" };
  it("D-E22 leaves out what it does not select, and says so", () => {
    expect(rule({ labels: { app: "mail" } }, policy)).toEqual(
      ignore("pods that drain.podSelector does not select stay"),
    );
    expect(rule({ labels: { app: "db" } }, policy)).toEqual(evict());
  });

  it("D-E22 leaves out even what would be refused", () => {
    expect(rule({ owner: "none", labels: {} }, policy).action).toBe("ignore");
  });
});

describe("pods of DaemonSets that are drained too", () => {
  const policy = { evictDaemonSetPods: true };
  const exists = { daemonSetExists: true };
  const taint = { key: "nodepools.local/leaving", effect: "NoSchedule" };
  it.each<[string, PodTraits["tolerations"], Action]>([
    ["D-O11 are evicted", [], evict()],
    [
      "D-O11 are evicted although they tolerate a cordon",
      [{ key: "node.kubernetes.io/unschedulable", operator: "Exists" }],
      evict(),
    ],
    [
      "D-O11 stay where they tolerate everything and so would be created again",
      [{ operator: "Exists" }],
      stays,
    ],
    ["D-O11 stay where they tolerate the taint of leaving nodes", [{ ...taint, operator: "Exists" }], stays],
  ])("%s", (_name, tolerations, action) => {
    expect(rule({ owner: daemonSet, tolerations }, policy, exists)).toEqual(action);
  });
});

describe("a pod with a rule of its own", () => {
  const byLabel = (value: string) => ({ labels: { "nodepools.local/drain": value } });
  const byItsLabel = "has to complete by itself (label nodepools.local/drain)";
  const hasToComplete = waitFor(byItsLabel);
  it.each<[string, PodTraits, Action]>([
    [
      "D-O03 stays, however much it would be refused",
      { ...byLabel("skip"), owner: "none", emptyDir: "disk" },
      ignore("pods skipped by label nodepools.local/drain"),
    ],
    [
      "D-O03 stays also while it terminates",
      { ...byLabel("skip"), deletedAt: now },
      ignore("pods skipped by label nodepools.local/drain"),
    ],
    ["D-O04 is waited for, bare or not", { ...byLabel("wait-completed"), owner: "none" }, hasToComplete],
    [
      "D-O05 is done with once it has Succeeded",
      { ...byLabel("wait-completed"), phase: "Succeeded" },
      ignore(),
    ],
    ["D-O05 is done with once it has Failed", { ...byLabel("wait-completed"), phase: "Failed" }, ignore()],
    [
      "D-O04 is waited for as any other while it terminates",
      { ...byLabel("wait-completed"), deletedAt: now },
      terminating,
    ],
    ["D-O06 is drained where the label says nothing known", byLabel("later"), evict()],
  ])("%s", (_name, traits, action) => {
    expect(rule(traits, {})).toEqual(action);
  });

  it.each<[string, PodTraits, Partial<DrainPolicy>, Action]>([
    ["waited for by its label is deleted in the end", {}, {}, waitOrDelete(byItsLabel)],
    ["that may not be evicted is only waited for", { owner: "none" }, {}, hasToComplete],
    [
      "whose eviction costs data is deleted where that is allowed",
      { emptyDir: "disk" },
      emptyDirData,
      waitOrDelete(byItsLabel, `evicted ${scratch}`),
    ],
    [
      "waited for by the declaration's rule is not deleted",
      { labels: {} },
      { rules: [{ name: "jobs", action: "waitCompleted" }] },
      waitFor('has to complete by itself (rule "jobs")'),
    ],
  ])("M8 where pods are deleted in the end, one %s", (_name, traits, policy, action) => {
    const labelled = { ...byLabel("wait-completed"), ...traits };
    expect(rule(labelled, { onTimeout: "deletePods", ...policy })).toEqual(action);
  });

  it.each(["skip", "wait-completed"])("M8 is drained as any other where labels do not count: %s", (value) => {
    expect(rule(byLabel(value), { podLabels: "ignore" })).toEqual(evict());
  });

  it("D-O03 does not bring a mirror pod or a DaemonSet's into the drain", () => {
    const rules = [{ name: "all", action: "waitCompleted" as const }];
    expect(rule({ mirror: true }, { rules })).toEqual(ignore());
    expect(rule({ owner: daemonSet }, { rules }, { daemonSetExists: true })).toEqual(stays);
  });
});
