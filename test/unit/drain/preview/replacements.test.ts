// What a preview says of replacements that drains wait for.
import { expect, it } from "vitest";
import { describeDisruption } from "../../../../components/drain/preview/describe.ts";
import { cart, db, leaving, lines, podOn, scene } from "./scenes.ts";

const pods = [
  podOn("w1", "cart-1", cart),
  podOn("w2", "cart-2", cart),
  podOn("w9", "cart-3", cart),
  podOn("w2", "db-0", { ...db, phase: "Pending" }, {}),
  podOn("w2", "job-1", { owner: { kind: "Job", name: "job" } }),
  podOn("w2", "agent-1", { owner: { kind: "DaemonSet" } }),
];
pods[3] = { ...pods[3], status: { phase: "Pending" } };
const wait = { waitForReplacements: true };
const said = (all: readonly string[]) => all.filter((line) => line.includes("as many Ready pods"));

it("tells the owners that have Ready pods, how many, and the limit; no Job, no DaemonSet", () => {
  const disrupted = [leaving("w1", wait), leaving("w2", wait)];
  expect(said(lines(pods, { disrupted }))).toEqual([
    "after each drain of w1, w2 up to 600 s for as many Ready pods as before: shop/Deployment cart 3",
  ]);
  const [fact] = describeDisruption(scene(pods, { disrupted })).filter(
    ({ kind }) => kind === "replacements-awaited",
  );
  expect(fact).toEqual({
    ...{ kind: "replacements-awaited", severity: "info", seconds: 600, nodes: ["w1", "w2"] },
    owners: [{ owner: "shop/Deployment cart", pods: 2, ready: 3 }],
  });
});

it("says nothing for nodes whose drain does not wait, nor for lost ones", () => {
  const lost = leaving("w2", wait, { disruption: "lost" });
  const disrupted = [leaving("w1", { waitForReplacements: false }), lost];
  expect(said(lines(pods, { disrupted }))).toEqual([]);
});

it("tells each limit by itself", () => {
  const disrupted = [leaving("w1", wait), leaving("w2", { waitForReplacements: 30 })];
  expect(said(lines(pods, { disrupted }))).toEqual([
    "after the drain of w2 up to 30 s for as many Ready pods as before: shop/Deployment cart 3",
    "after the drain of w1 up to 600 s for as many Ready pods as before: shop/Deployment cart 3",
  ]);
});
