// Which removals are refused for their size.
import { describe, expect, it } from "vitest";
import { tooManyRemovals } from "../../../components/providers/roster/checks.ts";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";

const reasons = (...change: Parameters<typeof tooManyRemovals>) =>
  tooManyRemovals(...change).map(({ reason }) => reason);

const names = (count: number, from = 1) => Array.from({ length: count }, (_, at) => `w${from + at}`);
const pool = rosterInputs([]).pools[0] as RosterInputs["pools"][number];

function roster(pools: Readonly<Record<string, readonly string[]>>, limits?: object): RosterInputs {
  return rosterInputs([], {
    members: Object.entries(pools).flatMap(([name, nodes]) => nodes.map((node) => ({ node, pool: name }))),
    pools: Object.keys(pools).map((name) => ({ ...pool, name, ...(limits && { limits }) })),
  });
}

describe("J-35 a removal", () => {
  it.each<[string, RosterInputs | undefined, RosterInputs]>([
    ["of nothing, in a new stack", undefined, roster({ a: names(3) })],
    ["of one node of three", roster({ a: names(3) }), roster({ a: names(2) })],
    ["of 34 % of many", roster({ a: names(50) }), roster({ a: names(33) })],
    ["over the default that says so", roster({ a: names(3) }), roster({ a: [] }, { maxRemovals: 3 })],
    ["from one pool into another", roster({ a: names(3), b: [] }), roster({ a: [], b: names(3) })],
    ["of lost nodes that others replace", roster({ a: names(3) }), roster({ a: names(3, 2) })],
  ])("is allowed: %s", (_what, olds, news) => {
    expect(reasons(olds, news)).toEqual([]);
  });

  it("is refused over the default, naming nodes and override", () => {
    expect(reasons(roster({ a: names(3) }), roster({ a: names(1) }))).toEqual([
      'pool "a": 2 of 3 nodes leave (w2, w3), limits.maxRemovals allows 1. If that is meant, set limits.maxRemovals: 2 in pool "a" for this run',
    ]);
  });

  it("is refused in one sentence of a few names, however many nodes leave, and all are in its data", () => {
    const [{ reason, nodes } = { reason: "" }] = tooManyRemovals(
      roster({ a: names(900) }),
      roster({ a: names(100) }),
    );
    expect(reason).toMatch(/^pool "a": 800 of 900 nodes leave \(w101, w102, w103 and 797 more\), /);
    expect(nodes).toHaveLength(800);
  });

  it("is refused over a declared limit, also of a single node", () => {
    expect(reasons(roster({ a: names(3) }), roster({ a: names(2) }, { maxRemovals: 0 }))).toEqual([
      'pool "a": 1 of 3 nodes leave (w3), limits.maxRemovals allows 0. If that is meant, set limits.maxRemovals: 1 in pool "a" for this run',
    ]);
  });

  it("is refused when it is a whole pool's entry that was lost, by the limits that it had", () => {
    const olds = roster({ a: names(3), b: ["w9"] }, { maxRemovals: 2 });
    expect(reasons(olds, roster({ b: ["w9"] }))).toEqual([
      'pool "a": 3 of 3 nodes leave (w1, w2, w3), limits.maxRemovals allows 2. If that is meant, keep pool "a" declared with count: 0 and limits.maxRemovals: 3 for this run, and delete its entry in the next',
    ]);
  });

  it("is refused when small pools add up to the whole cluster", () => {
    const olds = roster({ a: ["w1"], b: ["w2"] });
    expect(reasons(olds, roster({ a: [], b: [] }))).toEqual([
      "all 2 nodes of the cluster leave. If that is meant, run `pulumi destroy`, or set limits.maxRemovals in every pool for this run",
    ]);
    expect(reasons(olds, roster({ a: [], b: [] }, { maxRemovals: 1 }))).toEqual([]);
    expect(reasons(olds, roster({ a: [] }, { maxRemovals: 1 }))).toEqual([
      expect.stringMatching(/in every pool for this run, with b kept declared with count: 0 until the next$/),
    ]);
  });
});

it("tells a refusal as data: the rule, the numbers, and the line of YAML that allows it", () => {
  expect(tooManyRemovals(roster({ a: names(3) }), roster({ a: names(1) }))).toMatchObject([
    {
      rule: "limits.maxRemovals",
      pool: "a",
      nodes: ["w2", "w3"],
      asked: 2,
      allowed: 1,
      yaml: "limits: { maxRemovals: 2 }",
    },
  ]);
});
