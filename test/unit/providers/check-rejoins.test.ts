import { expect, it } from "vitest";
import { tooManyRejoins } from "../../../components/providers/roster/checks.ts";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";

const reasons = (...change: Parameters<typeof tooManyRejoins>) =>
  tooManyRejoins(...change).map(({ reason }) => reason);

const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };

function roster(triggers: Record<string, string>, maxUnavailable = 1): RosterInputs {
  return {
    schema: 1,
    owner: "acme/nodepools/prod",
    members: Object.entries(triggers).map(([node, rejoinTrigger]) => ({ node, pool: "a", rejoinTrigger })),
    pools: [{ name: "a", maxUnavailable, drain }],
    __urn: "urn",
  };
}

it.each([
  ["one host of the pool is joined again", { w1: "x", w2: "" }, 1],
  ["as many are as may be down", { w1: "x", w2: "x" }, 2],
  ["a new host comes with a trigger of its own", { w1: "x", w2: "", w3: "y" }, 1],
])("allows a change when %s", (_what, triggers, maxUnavailable) => {
  expect(reasons(roster({ w1: "", w2: "" }), roster(triggers, maxUnavailable))).toEqual([]);
});

it("allows everything when there was no roster", () => {
  expect(reasons(undefined, roster({ w1: "x", w2: "x" }))).toEqual([]);
});

it("refuses to join more hosts of a pool again at once than may be down, naming them", () => {
  expect(reasons(roster({ w1: "", w2: "", w3: "" }), roster({ w1: "x", w2: "", w3: "x" }))).toEqual([
    'pool "a": rejoinTrigger changes on 2 hosts (w1, w3), maxUnavailable is 1. Change it on fewer hosts in one run, or raise maxUnavailable',
  ]);
});
