// A review with something of everything in it, of so many nodes.

import type { DisruptionFact } from "../../components/drain/preview/facts.ts";
import { factConcerns } from "../../components/review/fact-concerns.ts";
import { poolReviews } from "../../components/review/pool-reviews.ts";
import { type Review, withVerdict } from "../../components/review/review.ts";
import { owner, rosterInputs } from "../support/provider-inputs.ts";

/** A third leaves, a third is rebooted, the rest stays; as many join as leave. */
export function reviewOfNodes(nodes: number): Review {
  const names = Array.from({ length: nodes }, (_, at) => `node-${at + 1}`);
  const third = Math.ceil(nodes / 3);
  const [leaving, rebooted, staying] = [
    names.slice(0, third),
    names.slice(third, 2 * third),
    names.slice(2 * third),
  ];
  const joining = leaving.map((name) => name.replace("node", "new"));
  const member = (node: string, more: object = {}) => ({ node, pool: "workers", ...more });
  const olds = rosterInputs(names);
  const news = rosterInputs([], {
    members: [
      ...rebooted.map((name) => member(name, { rebootTrigger: "kernel" })),
      ...staying.map((name) => member(name)),
      ...joining.map((name) => member(name)),
    ],
  });
  const owners = Array.from({ length: nodes }, (_, at) => ({
    owner: `team-${at % 40}/Deployment service-${at}`,
    pods: 1 + (at % 7),
  }));
  const facts: DisruptionFact[] = [
    { kind: "leaving", severity: "info", nodes: leaving },
    { kind: "drained", severity: "info", purpose: "reboot", nodes: rebooted },
    { kind: "moves", severity: "info", owners },
    {
      ...({ kind: "refused", severity: "warning", nodes: leaving.slice(0, 1) } as const),
      ...{ reason: "pods without a controller (drain.force allows it)", pods: ["shop/debug-of-anna"] },
    },
    { kind: "empty-dirs-lost", severity: "warning", owners: owners.slice(0, 5) },
    { kind: "down", severity: "warning", owners: ["shop/StatefulSet db"], restartable: [] },
    {
      ...({ kind: "drift", severity: "info", node: names.at(-1) ?? "", field: "labels" } as const),
      ...{ key: "example.com/tier", declared: "general", found: "hacked" },
    },
    {
      ...({ kind: "budget-rounds", severity: "info", budget: "shop/cart", evictions: 6 } as const),
      ...{ allowed: 1, now: 1, rounds: 6 },
    },
  ];
  const settings = [{ field: "drain.timeoutSeconds", before: "600", after: "1200" }];
  const stack = withVerdict({
    stack: "prod",
    cluster: { owner, server: "https://10.89.0.1:6443", cas: [] },
    concerns: factConcerns(facts),
    pools: poolReviews({ olds, news }, () => settings),
    ...{ hosts: [], connection: [], facts, notes: ["previewed on 2026-11-28 at 14:32 UTC"] },
  });
  return {
    ...{ schema: 1, project: "nodepools", stacks: [stack] },
    head: { ref: "the files as they are", commit: "4f1c2ab09d3e4f1c2ab09d3e4f1c2ab09d3e4f1c" },
  };
}
