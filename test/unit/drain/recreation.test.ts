// Controllers that put their pods back onto a cordoned node.
import { expect, it } from "vitest";
import { Recreations } from "../../../components/drain/recreation.ts";
import { type PodTraits, pod } from "./pods.ts";

const web: PodTraits = {};

/** Shows pods to `recreations` and returns the last. */
function see(recreations: Recreations, traits: PodTraits, ...names: string[]) {
  const pods = names.map((name) => pod(name, traits));
  for (const each of pods) recreations.see(each);
  const last = pods.at(-1);
  if (last === undefined) throw new Error("no pod is named");
  return last;
}

it("D-N10 names a controller once it has put back three times as many pods as there were", () => {
  const recreations = new Recreations();
  recreations.evict(see(recreations, web, "a", "b"));
  const fifth = see(recreations, web, "1", "2", "3", "4", "5");
  expect(recreations.explainLoop(fifth)).toBeUndefined();
  const sixth = see(recreations, web, "6");
  const reason =
    "ReplicaSet web creates its pods again on the cordoned node, 6 times so far; a rule in drain.rules can skip them";
  expect(recreations.explainLoop(sixth)).toBe(reason);
});

it("D-N10 counts a pod once, however often it is looked at", () => {
  const recreations = new Recreations();
  recreations.evict(see(recreations, web, "a"));
  const late = see(recreations, web, "1", "1", "1", "2", "2");
  expect(recreations.explainLoop(late)).toBeUndefined();
});

it("D-N10 does not take pods that came before the first eviction for newcomers", () => {
  const recreations = new Recreations();
  const last = see(recreations, web, "a", "b", "c", "d");
  recreations.evict(last);
  expect(recreations.explainLoop(last)).toBeUndefined();
});

it("D-N10 counts each controller for itself", () => {
  const recreations = new Recreations();
  const db = { owner: { kind: "StatefulSet", name: "db", uid: "2" } };
  recreations.evict(see(recreations, web, "a"));
  see(recreations, db, "db-0", "db-1", "db-2", "db-3");
  expect(recreations.explainLoop(see(recreations, db, "db-4"))).toBeUndefined();
  expect(recreations.explainLoop(see(recreations, web, "1", "2"))).toBeUndefined();
});

it("says nothing about pods without a controller", () => {
  const recreations = new Recreations();
  const bare = see(recreations, { owner: "none" }, "a");
  recreations.evict(bare);
  expect(recreations.explainLoop(see(recreations, { owner: "none" }, "1", "2", "3", "4"))).toBeUndefined();
});
