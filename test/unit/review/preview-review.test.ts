// What a preview's event log means for a reviewer, however the preview ended.
import { describe, expect, it } from "vitest";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import { readPreview } from "../../../components/review/preview-events.ts";
import { reviewPreview } from "../../../components/review/preview-review.ts";
import type { PreviewRun } from "../../../components/review/run-preview.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { concernsOf, poolText, sideOf, stackText } from "./stacks.ts";

const type = "pulumi-nodejs:dynamic/nodepools:Roster";
const urn = `urn:pulumi:dev::nodepools::nodepools:index:Cluster$${type}::cluster`;
const drain = { timeoutSeconds: 600, deleteEmptyDirData: false, force: false };
const roster = (nodes: readonly string[], more: object = {}): RosterInputs =>
  rosterInputs(nodes, { pools: [{ name: "workers", maxUnavailable: 1, drain, ...more }] });

const said = (severity: string, message: string, of = urn) => ({
  diagnosticEvent: { urn: of, severity, message: `<{%reset%}>${message}<{%reset%}>\n` },
});
const fact = (value: object) => said("info", JSON.stringify(value));
const step = (olds: RosterInputs | undefined, news: RosterInputs) => ({
  resourcePreEvent: {
    metadata: { op: "update", urn, type, old: olds && { inputs: olds }, new: { inputs: news } },
  },
});
const summary = { summaryEvent: { durationSeconds: 3, resourceChanges: { same: 6 } } };
const log = (...events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

const after = sideOf(stackText(poolText("workers", ["w1", "w2"])));
const before = sideOf(stackText(poolText("workers", ["w1", "w2", "w3"])));
const review = (run: Partial<PreviewRun>, sides: Partial<Parameters<typeof reviewPreview>[0]> = {}) =>
  reviewPreview({
    stack: "dev",
    run: { status: 0, log: "", tail: "", ...run },
    before: undefined,
    after,
    at: Date.UTC(2026, 10, 28, 14, 32, 7),
    ...sides,
  });

const leaving = { kind: "leaving", severity: "info", nodes: ["w3"] };
const moves = { kind: "moves", severity: "info", owners: [{ owner: "shop/Deployment cart", pods: 2 }] };
const refusedDrain = {
  kind: "refused",
  severity: "warning",
  reason: "pods without a controller (drain.force allows it)",
  nodes: ["w3"],
  pods: ["shop/debug"],
};

describe("a preview that ended well", () => {
  const whole = log(
    fact(leaving),
    fact(moves),
    fact(refusedDrain),
    said("info", "the cordon of w1 stays"),
    step(roster(["w1", "w2", "w3"]), roster(["w1", "w2"])),
    summary,
  );

  it("is told by its facts, and its nodes by what the state has", () => {
    const found = review({ log: whole });
    expect(found.facts).toEqual([leaving, moves, refusedDrain]);
    expect([found.verdict, ...concernsOf(found)]).toEqual([
      "will-fail",
      "will-fail: the drain of w3 will be refused for pods without a controller (drain.force allows it): shop/debug",
    ]);
    expect(found.pools).toMatchObject([
      { name: "workers", before: 3, after: 2, drains: { turns: 1, atOnce: 1, turnSeconds: 600 } },
    ]);
  });

  it("compares settings with what the state has, or with a commit's config when that is given", () => {
    const longer = { drain: { ...drain, timeoutSeconds: 60 } };
    const changed = log(step(roster(["w1"]), roster(["w1"], longer)), summary);
    const change = { field: "drain.timeoutSeconds", before: "600", after: "60" };
    expect(review({ log: changed }).pools[0]?.settings).toEqual([change]);
    expect(review({ log: changed }, { before }).pools[0]?.settings).toEqual([]);
  });

  it("says a node that an earlier run has not got away", () => {
    const pending = [{ node: "w9", pool: "workers", drain }];
    const found = review({ log: log(step(roster(["w1"]), { ...roster(["w1"]), pending }), summary) });
    expect(found.pools[0]?.nodes).toContainEqual({ node: "w9", pool: "workers", happens: "leaves" });
  });

  it("has the same fingerprint whenever it is made, and another one for other facts", () => {
    const [one, later] = [review({ log: whole }), review({ log: whole }, { at: 0 })];
    expect(later.fingerprint).toBe(one.fingerprint);
    expect(review({ log: log(fact(leaving), summary) }).fingerprint).not.toBe(one.fingerprint);
  });

  it("says that another resource warns", () => {
    const warned = log(
      said("warning", "no key", "urn:pulumi:dev::nodepools::pulumi:pulumi:Stack::dev"),
      step(roster(["w1"]), roster(["w1"])),
    );
    expect(concernsOf(review({ log: warned }))).toEqual(["other: no key"]);
  });
});

describe("a preview that did not", () => {
  it("is refused by the Roster, in its own words", () => {
    const text = 'pool "workers": 2 of 3 nodes leave (w2, w3), limits.maxRemovals allows 1.';
    const found = review({
      status: 1,
      log: log(said("error", `${type} resource 'cluster' has a problem: ${text}`)),
    });
    expect([found.verdict, ...concernsOf(found)]).toEqual(["refused", `refused: ${text}`]);
    expect(found.notes[1]).toContain("did not come as far as the nodes");
  });

  it("is refused, and tells what else failed", () => {
    const other = urn.replace(type, "command:remote:Command");
    const found = review({ status: 1, log: log(said("error", "too many"), said("error", "boom", other)) });
    expect([found.verdict, ...concernsOf(found)]).toEqual(["refused", "refused: too many", "failed: boom"]);
  });

  it("is refused for its config, problem by problem", () => {
    const wrong = sideOf(stackText(poolText("workers", ["w1"], ["count: 2"])));
    const found = review(
      { status: 1, log: log(said("error", "reading the config …", "")) },
      { after: wrong },
    );
    expect(concernsOf(found)).toEqual([expect.stringContaining("refused: pools[0].count")]);
  });

  it.each([
    { status: 1, log: log(said("error", "boom", "")), tail: "", concern: "failed: boom" },
    {
      status: 255,
      log: "",
      tail: "error: no stack",
      concern: "failed: pulumi preview ended with 255: error: no stack",
    },
    { status: 0, log: log(summary), tail: "", concern: /^failed: .* tells nothing of the node pools: / },
    { status: undefined, log: "", tail: "spawn pulumi ENOENT", concern: /was not run.*ENOENT/ },
    {
      status: 1,
      log: `${log(fact(leaving))}{"diagnosticEv`,
      tail: "killed",
      concern: /ended with 1: killed/,
    },
  ])("failed: $concern", ({ concern, ...run }) => {
    const found = review(run, { before });
    expect(found.verdict).toBe("failed");
    expect(concernsOf(found)).toEqual([
      typeof concern === "string" ? concern : expect.stringMatching(concern),
    ]);
    // What the config tells is told all the same.
    expect(found.pools).toMatchObject([{ before: 3, after: 2 }]);
  });
});

it("reads facts from the Roster's lines alone, and no line that is only shown for a while", () => {
  const ephemeral = { diagnosticEvent: { ...fact(leaving).diagnosticEvent, ephemeral: true } };
  const other = said("info", JSON.stringify(leaving), "urn:pulumi:dev::nodepools::a:b:C::w1");
  expect(readPreview(log(ephemeral, other, { other: 1 })).facts).toEqual([]);
});
