// What is remembered of lost machines, and when they may come back.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import type { LostHost } from "../../../components/model/roster.ts";
import { whyNotLost } from "../../../components/providers/abandon.ts";
import { carryLost, unwipedHosts } from "../../../components/providers/roster/checks.ts";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";

const lost = (node: string, rejoinTrigger = ""): LostHost => ({ node, rejoinTrigger });
const member = (rejoinTrigger?: string): Partial<RosterInputs> => ({
  members: [{ node: "w1", pool: "workers", ...(rejoinTrigger !== undefined && { rejoinTrigger }) }],
});

describe("a lost host", () => {
  it.each<[string, Partial<RosterInputs> | undefined, Partial<RosterInputs>, LostHost[]]>([
    ["is listed as it is declared", undefined, { lost: [lost("w1", "1")] }, [lost("w1", "1")]],
    ["stays listed when its entry is deleted", { lost: [lost("w1", "1")] }, {}, [lost("w1", "1")]],
    [
      "is listed as it is declared last",
      { lost: [lost("w1", "1")] },
      { lost: [lost("w1", "2")] },
      [lost("w1", "2")],
    ],
    ["is listed no more once it is a member", { lost: [lost("w1", "1")] }, member("2"), []],
    ["is listed by name", { lost: [lost("w2")] }, { lost: [lost("w1")] }, [lost("w1"), lost("w2")]],
    ["of an older state is none", {}, {}, []],
  ])("%s", (_what, olds, news, expected) => {
    expect(carryLost(olds?.lost ?? [], rosterInputs([], news))).toEqual(expected);
  });

  it.each<[string, Partial<RosterInputs>, LostHost[], boolean]>([
    ["is refused as it was", member(), [lost("w1")], true],
    ["is refused with the trigger that it had", member("1"), [lost("w1", "1")], true],
    ["may come back with a new trigger", member("2"), [lost("w1", "1")], false],
    ["does not stand in the way of others", member(), [lost("w9")], false],
  ])("%s", (_what, news, before, refused) => {
    const text =
      'host "w1" was declared lost, and its machine may still run what it ran then. Give it a new rejoinTrigger: it is reset before it joins';
    expect(unwipedHosts(before, rosterInputs([], news)).map(({ reason }) => reason)).toEqual(
      refused ? [text] : [],
    );
  });
});

describe("a Node of a machine that is declared lost", () => {
  const seen = (...conditions: string[]): Node => ({
    metadata: { name: "w1" },
    status: { conditions: conditions.map((status) => ({ type: "Ready", status })) },
  });

  it("is given up once its kubelet is silent", () => {
    expect(whyNotLost(seen("Unknown"))).toBeUndefined();
  });

  it.each([
    ["as long as its kubelet reports", seen("True"), /its kubelet still reports/],
    ["while that is in trouble too", seen("False"), /its kubelet still reports/],
    ["when nothing says whether it does", seen(), /has no Ready condition/],
  ])("is kept %s", (_when, node, objection) => {
    expect(whyNotLost(node)).toMatch(objection);
  });
});
