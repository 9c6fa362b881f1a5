// The verdict on one pod. Case ids: acceptance table of the drain.
import { describe, expect, it } from "vitest";
import { classifyPod, type PodCircumstances, type PodVerdict } from "../../../components/drain/classify.ts";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { type PodTraits, pod } from "./pods.ts";

const now = Date.parse("2030-01-01T00:00:00Z");
const daemonSet = { kind: "DaemonSet" };
const kruise = { kind: "DaemonSet", apiVersion: "apps.kruise.io/v1alpha1" };
const job = { kind: "Job", apiVersion: "batch/v1" };
const force = { force: true };
const emptyDirData = { deleteEmptyDirData: true };
const orphan = "pods whose DaemonSet is gone";
const scratch = "pods with emptyDir data";
const naked = "pods without a controller";

const evict = (...warnings: string[]): PodVerdict => ({
  action: "evict",
  warnings: warnings.map((what) => `evicting ${what}`),
  refusals: [],
});
const refuse = (...refusals: string[]): PodVerdict => ({ action: "refuse", warnings: [], refusals });
const wait: PodVerdict = { action: "wait", warnings: [], refusals: [] };
const ignore: PodVerdict = { action: "ignore", warnings: [], refusals: [] };
const stays: PodVerdict = { ...ignore, warnings: ["pods of DaemonSets stay"] };
const orphanRefusal = `${orphan} (drain.force allows it)`;
const scratchRefusal = `${scratch} (drain.deleteEmptyDirData allows it)`;
const nakedRefusal = `${naked} (drain.force allows it)`;

type Row = [
  id: string,
  traits: PodTraits,
  policy: Partial<DrainPolicy>,
  exists: boolean | undefined,
  verdict: PodVerdict,
];

const rows: Row[] = [
  ["E01 controlled", {}, {}, undefined, evict()],
  ["E03 DaemonSet's", { owner: daemonSet }, {}, true, stays],
  ["E04 DaemonSet's, finished", { owner: daemonSet, phase: "Succeeded" }, {}, true, evict()],
  ["E05 DaemonSet gone", { owner: daemonSet }, {}, false, refuse(orphanRefusal)],
  ["E05 DaemonSet gone, forced", { owner: daemonSet }, force, false, evict(orphan)],
  ["E06 DaemonSet's with emptyDir", { owner: daemonSet, emptyDir: "disk" }, {}, true, stays],
  ["E07 DaemonSet of another group", { owner: kruise }, {}, undefined, evict()],
  [
    "E08 DaemonSet unknown",
    { owner: daemonSet },
    force,
    undefined,
    refuse("pods whose DaemonSet could not be read"),
  ],
  ["E09 naked", { owner: "none" }, {}, undefined, refuse(nakedRefusal)],
  ["E09 naked, forced", { owner: "none" }, force, undefined, evict(naked)],
  [
    "E10 owner that is no controller",
    { owner: { kind: "Job", controller: false } },
    {},
    undefined,
    refuse(nakedRefusal),
  ],
  ["E12 emptyDir", { emptyDir: "disk" }, force, undefined, refuse(scratchRefusal)],
  [
    "E13 Job with emptyDir, all allowed",
    { owner: job, emptyDir: "disk" },
    { ...force, ...emptyDirData },
    undefined,
    evict(scratch),
  ],
  [
    "E14 finished Job with emptyDir",
    { owner: job, emptyDir: "disk", phase: "Succeeded" },
    {},
    undefined,
    evict(),
  ],
  [
    "E14 failed naked with emptyDir",
    { owner: "none", emptyDir: "disk", phase: "Failed" },
    {},
    undefined,
    evict(),
  ],
  ["E15 emptyDir in memory", { emptyDir: "memory" }, {}, undefined, refuse(scratchRefusal)],
  [
    "E16 naked with emptyDir: both causes",
    { owner: "none", emptyDir: "disk" },
    {},
    undefined,
    refuse(scratchRefusal, nakedRefusal),
  ],
  ["E17 mirror, naked, emptyDir", { owner: "none", emptyDir: "disk", mirror: true }, {}, undefined, ignore],
  [
    "E20 orphan with emptyDir: both warnings",
    { owner: daemonSet, emptyDir: "disk" },
    { ...force, ...emptyDirData },
    false,
    evict(orphan, scratch),
  ],
  ["V08 terminating, naked", { owner: "none", deletedAt: now - 100_000 }, {}, undefined, wait],
];

function circumstances(policy: Partial<DrainPolicy>, rest: Partial<PodCircumstances> = {}): PodCircumstances {
  const strict = { timeoutSeconds: 60, force: false, deleteEmptyDirData: false };
  return {
    policy: { ...strict, ...policy },
    daemonSetExists: undefined,
    nodeUnreachable: false,
    now,
    ...rest,
  };
}

describe("classifyPod", () => {
  it.each(rows)("%s", (_id, traits, policy, daemonSetExists, verdict) => {
    expect(classifyPod(pod("p", traits), circumstances(policy, { daemonSetExists }))).toEqual(verdict);
  });

  it.each<[string, boolean, number, PodVerdict["action"]]>([
    ["N04 leaves an overdue pod behind on an unreachable node", true, now - 1000, "ignore"],
    ["waits for a pod that is not yet due on an unreachable node", true, now + 1000, "wait"],
    ["N07 E26 waits for an overdue pod where the kubelet answers", false, now - 100_000, "wait"],
  ])("%s", (_name, nodeUnreachable, deletedAt, action) => {
    const verdict = classifyPod(pod("p", { deletedAt }), circumstances({}, { nodeUnreachable }));
    expect(verdict.action).toBe(action);
  });
});
