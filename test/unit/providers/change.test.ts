// Which members a change of the roster removes, and the drain policy that the preview counts with.
import { describe, expect, it } from "vitest";
import { describeNodes } from "../../../components/drain/preview/whereabouts.ts";
import type { Node } from "../../../components/kube/api.ts";
import type { Disruption } from "../../../components/model/disruption.ts";
import type { RosterMember, RosterPool } from "../../../components/model/roster.ts";
import type { Taint } from "../../../components/model/taint.ts";
import {
  addedTaints,
  leavingMembers,
  stayingDisrupted,
  stillLeaving,
} from "../../../components/providers/roster/change.ts";
import { asFound, nodeChanges } from "../../../components/providers/roster/node-changes.ts";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import { diffRoster } from "../../../components/providers/roster/state.ts";
import { markLabels } from "../../support/marks.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";

const drain = { timeoutSeconds: 10, deleteEmptyDirData: false, force: false };
const own = { ...drain, force: true };
const workers = (more: Partial<RosterPool> = {}): RosterPool => ({
  name: "workers",
  maxUnavailable: 1,
  drain,
  ...more,
});
const rosterOf = (nodes: readonly string[], ...pools: RosterPool[]) => rosterInputs(nodes, { pools });

it("looks at each of thousands of members a few times", () => {
  let looks = 0;
  const members = Array.from({ length: 2000 }, (_, at) => ({
    get node() {
      looks += 1;
      return `w${at}`;
    },
    pool: "gone",
  }));
  const olds = { ...rosterOf([]), members, pools: [{ ...workers(), name: "gone" }] };
  expect(leavingMembers(olds, rosterOf([], workers()))).toHaveLength(2000);
  expect(looks).toBeLessThan(20 * 2000);
});

describe("a leaving member", () => {
  const olds = rosterOf(["w1", "w2"], workers({ hostDrains: { w1: own } }));
  const lower = { ...drain, timeoutSeconds: 20 };

  it("leaves by its host's policy as long as that is listed", () => {
    const news = rosterOf([], workers({ drain: lower, hostDrains: { w1: { ...own, timeoutSeconds: 20 } } }));
    expect(leavingMembers(olds, news)).toEqual([
      { node: "w1", pool: "workers", disruption: "leaves", drain: { ...own, timeoutSeconds: 20 } },
      { node: "w2", pool: "workers", disruption: "leaves", drain: lower },
    ]);
  });

  it("leaves by its pool's policy when its host's entry is gone", () => {
    const news = rosterOf(["w2"], workers({ drain: lower }));
    expect(leavingMembers(olds, news)).toEqual([
      { node: "w1", pool: "workers", disruption: "leaves", drain: lower },
    ]);
  });

  it("leaves as its membership has it in state when its pool is gone", () => {
    expect(leavingMembers(olds, rosterOf([]))).toEqual([
      { node: "w1", pool: "workers", disruption: "leaves", drain: own },
      { node: "w2", pool: "workers", disruption: "leaves", drain },
    ]);
  });

  it("leaves with the hooks and the policy that its removal was begun with, when its pool is gone since then", () => {
    const hooks = { beforeReset: [{ name: "archive", command: "true", timeoutSeconds: 60 }] };
    const begun = { node: "w1", pool: "workers", drain: own, hooks };
    expect(leavingMembers(rosterOf([]), { ...rosterOf([]), pending: [begun] })).toEqual([
      { ...begun, disruption: "leaves" },
    ]);
  });

  it("leaves by its host's policy in a later run too, after a drain that failed", () => {
    const labels = markLabels({ leaving: "2026-01-01T00:00:00.000Z", owner, pool: "workers" });
    const nodes: Node[] = ["w1", "w2", "w3"].map((name) => ({ metadata: { name, labels } }));
    const roster = rosterOf(["w2"], workers({ hostDrains: { w1: own } }));
    expect(stillLeaving(nodes, roster, roster)).toEqual([
      { node: "w1", pool: "workers", disruption: "leaves", drain: own },
      { node: "w3", pool: "workers", disruption: "leaves", drain },
    ]);
  });
});

describe("a member that is declared lost", () => {
  it("leaves without a drain, also when an earlier run had cordoned it", () => {
    const lost = [{ node: "w1", rejoinTrigger: "" }];
    const news = rosterInputs([], { pools: [workers()], lost });
    expect(leavingMembers(rosterOf(["w1"], workers()), news)).toEqual([
      { node: "w1", pool: "workers", disruption: "lost", drain },
    ]);
  });
});

describe("a member that is drained and stays", () => {
  const declared = (more: Partial<RosterMember>, pools = [workers()]) =>
    rosterInputs([], { pools, members: [{ node: "w1", pool: "workers", ...more }] });
  const drainedNow = (roster: RosterInputs, again: ReadonlySet<string>) =>
    stayingDisrupted(roster, roster, again).map(({ node, disruption }) => ({
      ...{ nodeName: node, disruption, attachedVolumes: 0 },
    }));
  const fates = (before: Partial<RosterMember>, after: Partial<RosterMember>) =>
    stayingDisrupted(declared(before), declared(after)).map(({ disruption }) => disruption);

  it.each<[string, Partial<RosterMember>, Partial<RosterMember>, Disruption[]]>([
    ["enters maintenance", {}, { maintenance: true }, ["maintenance"]],
    ["enters maintenance from cordoned", { cordoned: true }, { maintenance: true }, ["maintenance"]],
    ["is in maintenance already", { maintenance: true }, { maintenance: true }, []],
    ["is active again", { maintenance: true }, {}, []],
    ["gets a rebootTrigger", {}, { rebootTrigger: "1" }, ["reboot"]],
    ["gets another rebootTrigger", { rebootTrigger: "1" }, { rebootTrigger: "2" }, ["reboot"]],
    ["keeps its rebootTrigger", { rebootTrigger: "1" }, { rebootTrigger: "1" }, []],
    ["loses its rebootTrigger", { rebootTrigger: "1" }, {}, []],
    ["does both: once for maintenance", {}, { maintenance: true, rebootTrigger: "1" }, ["maintenance"]],
  ])("%s", (_what, before, after, expected) => {
    expect(fates(before, after)).toEqual(expected);
  });

  it("J-M17 is in maintenance and drained once more, since its cordon was lifted or it has pods again", () => {
    const inState = declared({ maintenance: true });
    const told = new Set(["w1"]);
    expect(stayingDisrupted(inState, inState, told)).toMatchObject([
      { node: "w1", disruption: "maintenance" },
    ]);
    expect(asFound(nodeChanges(inState, inState), describeNodes(drainedNow(inState, told)))).toEqual([
      { node: "w1", pool: "workers", happens: "is drained" },
    ]);
  });

  it("is drained by its host's own policy", () => {
    const news = declared({ maintenance: true }, [workers({ hostDrains: { w1: own } })]);
    expect(stayingDisrupted(declared({}), news).map((member) => member.drain)).toEqual([own]);
  });

  it("is not one that joins in the same change", () => {
    expect(stayingDisrupted(rosterOf([], workers()), declared({ maintenance: true }))).toEqual([]);
  });
});

describe("a taint of effect NoExecute", () => {
  const batch: Taint = { key: "dedicated", value: "batch", effect: "NoExecute" };
  const members = (noExecute?: Taint[]) =>
    rosterInputs([], { members: [{ node: "w1", pool: "workers", ...(noExecute && { noExecute }) }] });

  it.each<[string, RosterInputs, RosterInputs, Taint[]]>([
    ["is told when it is added", members(), members([batch]), [batch]],
    ["is not told when it was there", members([batch]), members([batch]), []],
    ["is told when its value changes", members([{ ...batch, value: "x" }]), members([batch]), [batch]],
    ["is not told of a node that joins with it", rosterInputs([]), members([batch]), []],
  ])("%s", (_what, olds, news, expected) => {
    expect(addedTaints(olds, news)).toEqual(expected.map((taint) => ({ nodeName: "w1", taint })));
  });
});

describe("the roster's state", () => {
  it("shows no change when it is older than the overrides of hosts and nobody declares one", () => {
    const old = rosterOf(["w1"], workers());
    expect(diffRoster(old, rosterOf(["w1"], workers()), false).changes).toBe(false);
  });

  it("changes in place when a host declares a policy of its own", () => {
    const news = rosterOf(["w1"], workers({ hostDrains: { w1: own } }));
    expect(diffRoster(rosterOf(["w1"], workers()), news, false)).toEqual({
      changes: true,
      deleteBeforeReplace: false,
    });
  });
});
