// Which members a change of the roster removes, and the drain policy that the preview counts with.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { diffRoster } from "../../../components/providers/roster/diff.ts";
import { leavingMembers, stillLeaving } from "../../../components/providers/roster/leaving.ts";
import type { RosterPool } from "../../../components/providers/roster/state.ts";
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

describe("a leaving member", () => {
  const olds = rosterOf(["w1", "w2"], workers({ hostDrains: { w1: own } }));
  const lower = { ...drain, timeoutSeconds: 20 };

  it("leaves by its host's policy as long as that is listed", () => {
    const news = rosterOf([], workers({ drain: lower, hostDrains: { w1: { ...own, timeoutSeconds: 20 } } }));
    expect(leavingMembers(olds, news)).toEqual([
      { node: "w1", pool: "workers", drain: { ...own, timeoutSeconds: 20 } },
      { node: "w2", pool: "workers", drain: lower },
    ]);
  });

  it("leaves by its pool's policy when its host's entry is gone", () => {
    const news = rosterOf(["w2"], workers({ drain: lower }));
    expect(leavingMembers(olds, news)).toEqual([{ node: "w1", pool: "workers", drain: lower }]);
  });

  it("leaves as its membership has it in state when its pool is gone", () => {
    expect(leavingMembers(olds, rosterOf([]))).toEqual([
      { node: "w1", pool: "workers", drain: own },
      { node: "w2", pool: "workers", drain },
    ]);
  });

  it("leaves by its host's policy in a later run too, after a drain that failed", () => {
    const annotations = {
      "nodepools.local/leaving": "2026-01-01T00:00:00.000Z",
      "nodepools.local/owner": owner,
      "nodepools.local/pool": "workers",
    };
    const nodes: Node[] = ["w1", "w2", "w3"].map((name) => ({ metadata: { name, annotations } }));
    const roster = rosterOf(["w2"], workers({ hostDrains: { w1: own } }));
    expect(stillLeaving(nodes, roster, roster)).toEqual([
      { node: "w1", pool: "workers", drain: own },
      { node: "w3", pool: "workers", drain },
    ]);
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
