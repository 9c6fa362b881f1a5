// What a difference between state and declaration means for each resource type.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import type { MarkEdits } from "../../../components/model/node-marks.ts";
import { diffEnrollment } from "../../../components/providers/enrollment/state.ts";
import type { MembershipInputs } from "../../../components/providers/membership/state.ts";
import { diffMembership } from "../../../components/providers/membership/state.ts";
import { leavingMembers, stillLeaving } from "../../../components/providers/roster/change.ts";
import { diffRoster } from "../../../components/providers/roster/state.ts";
import { markLabels } from "../../support/marks.ts";
import {
  enrollmentInputs,
  enrollmentOutputs,
  membershipInputs,
  membershipOutputs,
  rosterInputs,
} from "../../support/provider-inputs.ts";

const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const replaced = (...replaces: string[]) => ({ changes: true, replaces, deleteBeforeReplace: true });
const updated = replaced();
const unchanged = { changes: false, replaces: [], deleteBeforeReplace: true };

describe("a membership", () => {
  const host = membershipInputs().host;
  const inPlace: Partial<MembershipInputs>[] = [
    { pool: "batch" },
    { owner: "acme/nodepools/prod" },
    { machineId: "another" },
    { tokenId: "123456" },
    { host: { ...host, address: "192.0.2.2" } },
    { host: { ...host, hostKey: unknown } },
    { labels: { tier: "general" } },
    { annotations: { note: "x" } },
    { taints: [{ key: "dedicated", effect: "NoSchedule" }] },
    { schedulable: false },
    { drained: true },
    { rebootTrigger: "2" },
    { readyTimeoutSeconds: 20 },
    { drain: { timeoutSeconds: 20, deleteEmptyDirData: false, force: false } },
    { maxUnavailable: 2 },
  ];

  it("has no difference when it is declared as it is, whatever its Node was seen to be", () => {
    expect(diffMembership(membershipOutputs({ observed: null }), membershipInputs())).toEqual(unchanged);
  });

  it.each(inPlace)("changes in place: %j", (change) => {
    expect(diffMembership(membershipOutputs(), membershipInputs(change))).toEqual(updated);
  });

  it("covers every input but schema, node, joinId and __urn in place", () => {
    const covered = new Set(inPlace.flatMap((change) => Object.keys(change)));
    const others = Object.keys(membershipInputs()).filter((field) => !covered.has(field));
    expect(others.sort()).toEqual(["__urn", "joinId", "node", "schema"]);
  });

  it.each([
    [{ node: "w2" }, ["node"]],
    [{ joinId: "join-2" }, ["joinId"]],
    [{ joinId: unknown }, ["joinId"]],
    [{ joinId: "join-2", pool: "batch" }, ["joinId"]],
  ])("is replaced, drained first: %j", (change, replaces) => {
    expect(diffMembership(membershipOutputs(), membershipInputs(change))).toEqual(replaced(...replaces));
  });

  it("is not changed by another URN", () => {
    expect(diffMembership(membershipOutputs(), membershipInputs({ __urn: "urn:other" }))).toEqual(unchanged);
  });

  it("does not depend on the order of keys", () => {
    const olds = membershipOutputs({ labels: { a: "1", b: "2" } });
    expect(diffMembership(olds, membershipInputs({ labels: { b: "2", a: "1" } }))).toEqual(unchanged);
  });

  it("is put right again when a refresh saw its keys changed", () => {
    const olds = membershipOutputs({ labels: { tier: "changed-by-hand" } });
    expect(diffMembership(olds, membershipInputs({ labels: { tier: "general" } }))).toEqual(updated);
  });
});

describe("an enrollment", () => {
  const host = enrollmentInputs().host;

  it.each([
    ["nothing", {}, false, unchanged],
    ["another address", { host: { ...host, address: "192.0.2.2" } }, false, updated],
    ["another owner", { owner: "acme/nodepools/prod" }, false, updated],
    [
      "other labels for the registration",
      { registration: { labels: { a: "1" }, taints: [] } },
      false,
      unchanged,
    ],
    ["another node name", { node: "w2" }, false, replaced("node")],
    ["another rejoinTrigger", { rejoinTrigger: "2" }, false, replaced("rejoinTrigger")],
    ["an unknown rejoinTrigger", { rejoinTrigger: unknown }, false, replaced("rejoinTrigger")],
    ["a missing Node", {}, true, replaced("joinConfiguration")],
    [
      "a missing Node and another rejoinTrigger",
      { rejoinTrigger: "2" },
      true,
      replaced("rejoinTrigger", "joinConfiguration"),
    ],
  ])("with %s", (_what, change, nodeMissing, expected) => {
    expect(diffEnrollment(enrollmentOutputs(), enrollmentInputs(change), nodeMissing)).toEqual(expected);
  });
});

describe("a roster", () => {
  const olds = rosterInputs(["w1", "w2"]);
  const pools = olds.pools.map((pool) => ({ ...pool, maxUnavailable: 2 }));
  const moved = olds.members.map((member) => ({ ...member, pool: "batch" }));

  it.each([
    ["nothing", {}, false],
    ["another URN", { __urn: "urn:other" }, false],
    ["another owner", { owner: "acme/nodepools/prod" }, true],
    ["a member less", { members: olds.members.slice(1) }, true],
    ["members in another pool", { members: moved }, true],
    ["another limit of a pool", { pools }, true],
    ["a host that is lost", { lost: [{ node: "w9", rejoinTrigger: "" }] }, true],
  ])("with %s: changed in place or not at all", (_what, change, changes) => {
    expect(diffRoster(olds, { ...olds, ...change }, false)).toEqual({ changes, deleteBeforeReplace: false });
  });

  it("is changed by a cordon that is left on a declared member, so that it is lifted", () => {
    expect(diffRoster(olds, olds, true).changes).toBe(true);
  });

  it.each([
    [["w1", "w2"], ["w1", "w2"], []],
    [["w1", "w2"], ["w2"], ["w1"]],
    [["w1", "w2"], [], ["w1", "w2"]],
    [["w1"], ["w1", "w2"], []],
    [["w1"], ["w2"], ["w1"]],
  ])("from %j to %j: %j leave", (before, after, leaving) => {
    const expected = leaving.map((node) => ({
      node,
      pool: "workers",
      disruption: "leaves",
      drain: olds.pools[0]?.drain,
    }));
    expect(leavingMembers(rosterInputs(before), rosterInputs(after))).toEqual(expected);
  });

  it("does not take a move between pools for a leave", () => {
    expect(leavingMembers(olds, { ...olds, members: moved })).toEqual([]);
  });

  it("lets members leave as their pool is declared now, or was last when the pool is gone", () => {
    const drainOf = (timeoutSeconds: number) => ({ timeoutSeconds, deleteEmptyDirData: false, force: false });
    const poolOf = (name: string, timeoutSeconds: number) => ({
      name,
      maxUnavailable: 1,
      drain: drainOf(timeoutSeconds),
    });
    const members = [
      { node: "w1", pool: "workers" },
      { node: "w2", pool: "batch" },
    ];
    const before = { ...olds, members, pools: [poolOf("batch", 1), poolOf("workers", 2)] };
    const after = { ...olds, members: [], pools: [poolOf("workers", 3)] };
    expect(leavingMembers(before, after)).toEqual([
      { node: "w1", pool: "workers", disruption: "leaves", drain: drainOf(3) },
      { node: "w2", pool: "batch", disruption: "leaves", drain: drainOf(1) },
    ]);
  });
});

describe("nodes that an earlier run cordoned because they leave", () => {
  const roster = rosterInputs(["w1"]);
  const marks = { owner: roster.owner, pool: "workers", leaving: "2026-01-01T00:00:00.000Z" };
  const node = (name: string, edits: MarkEdits): Node => ({
    metadata: { name, labels: markLabels({ ...marks, ...edits }) },
  });
  const annotations = {
    "nodepools.local/owner": roster.owner,
    "nodepools.local/pool": "workers",
    "nodepools.local/leaving": "2026-01-01T00:00:00.000Z",
  };

  it.each<[string, Node, boolean]>([
    ["still leave", node("w9", {}), true],
    ["are not those that are declared", node("w1", {}), false],
    ["are not those without the mark", node("w9", { leaving: undefined }), false],
    ["are not another stack's", node("w9", { owner: "acme/x/y" }), false],
    ["are not those of a pool that nobody knows", node("w9", { pool: "x" }), false],
    ["are not those that only say so of themselves", { metadata: { name: "w9", annotations } }, false],
  ])("%s", (_what, seen, leaves) => {
    const expected = { node: "w9", pool: "workers", disruption: "leaves", drain: roster.pools[0]?.drain };
    expect(stillLeaving([seen], roster, roster)).toEqual(leaves ? [expected] : []);
  });
});
