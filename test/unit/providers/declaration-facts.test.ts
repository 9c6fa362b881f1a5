// What a change tells about the declaration, as data.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { declarationKinds, factText } from "../../../components/drain/preview/fact-text.ts";
import type { DisruptionFact } from "../../../components/drain/preview/facts.ts";
import type { DriftFact, RefusalFact } from "../../../components/model/declaration-fact.ts";
import { metadataChanges } from "../../../components/providers/membership/metadata-changes.ts";
import { declarationFacts } from "../../../components/providers/roster/declaration-facts.ts";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import { membershipInputs, rosterInputs } from "../../support/provider-inputs.ts";

const nothing = { metadata: [], drift: [], vanished: new Set<string>() };
const member = (node: string, pool = "workers", more: object = {}) => ({ node, pool, ...more });
const [workers] = rosterInputs([]).pools as [RosterInputs["pools"][number]];
const pools = [workers, { ...workers, name: "batch" }];

const olds = rosterInputs([], {
  members: [member("w1"), member("w2"), member("w3", "batch", { cordoned: true }), member("w4")],
  pools,
});
const news = rosterInputs([], {
  members: [
    member("w1", "workers", { cordoned: true }),
    member("w2", "batch"),
    member("w3", "batch"),
    member("w5"),
    member("w6"),
  ],
  pools: [
    { ...workers, kubernetes: "1.35", drain: { ...workers.drain, timeoutSeconds: 60 } },
    { ...workers, name: "batch", limits: { minReady: 1 } },
  ],
});

const labelled = (node: string, tier: string) =>
  metadataChanges(
    membershipInputs({ node, labels: { tier: "old" } }),
    membershipInputs({ node, labels: { tier }, taints: [{ key: "new", effect: "NoSchedule" }] }),
  );
const drift: DriftFact = {
  ...({ kind: "drift", severity: "warning", node: "w1" } as const),
  ...({ field: "taints", key: "gone:NoExecute", declared: "x", found: "y" } as const),
};
const refusal: RefusalFact = {
  ...({ kind: "change-refused", severity: "warning", reason: "too much", rule: "maxUnavailable" } as const),
  ...{ pool: "workers", nodes: ["w1"], asked: 2, allowed: 1, yaml: "maxUnavailable: 2" },
};

it("tells joins, moves, cordons and settings by pool, and what is the same on several nodes once", () => {
  const metadata = [...labelled("w2", "new"), ...labelled("w1", "new"), ...labelled("w3", "newer")];
  const facts = declarationFacts(olds, news, { metadata, drift: [drift], vanished: new Set(["w3"]) });
  expect(facts.map(factText)).toEqual([
    "2 nodes join pool workers: w5, w6",
    "1 Node is gone from the cluster: the host is reset and joined again: w3",
    "1 node moves from pool workers to batch: w2",
    "cordoned by declaration: w1",
    "no longer cordoned by declaration: w3",
    "pool workers: drain.timeoutSeconds 10 → 60",
    "pool workers: kubernetes (not set) → 1.35",
    "pool batch: limits.minReady (not set) → 1",
    "pool workers: label tier old → new on w1, w2",
    'pool workers: taint new:NoSchedule (not set) → "" on w1, w2, w3',
    "pool workers: label tier old → newer on w3",
    'node w1: taint gone:NoExecute is "y", declared is "x", and is set back, which evicts pods that do not tolerate it',
  ]);
});

it("tells nothing of a change that is none", () => {
  expect(declarationFacts(news, news, nothing)).toEqual([]);
});

it("has a row in docs/drain.md for each kind about the declaration, with its fields", () => {
  const metadata = labelled("w2", "new");
  const told: readonly DisruptionFact[] = [
    { kind: "cluster", severity: "info", owner: "a/b/c", server: "https://192.0.2.10", cas: [] },
    refusal,
    ...declarationFacts(olds, news, { metadata, drift: [drift], vanished: new Set(["w3"]) }),
  ];
  expect(new Set(told.map(({ kind }) => kind))).toEqual(declarationKinds);
  const text = readFileSync(join(import.meta.dirname, "../../../docs/drain.md"), "utf8");
  const rows = text.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  for (const { kind, severity, ...fields } of told) {
    const row = rows.find((cells) => cells[1] === `\`${kind}\``);
    const named = [...(row?.[3] ?? "").matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect([kind, row?.[2]]).toEqual([kind, expect.stringContaining(severity)]);
    expect(named, kind).toEqual(expect.arrayContaining(Object.keys(fields)));
  }
});
