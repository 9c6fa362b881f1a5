// How long owners were short of Ready pods, by what the cluster says before and after.
import { describe, expect, it } from "vitest";
import { findShortages, newlyPending, noteThen } from "../../../components/drain/outcome.ts";
import type { Pod } from "../../../components/kube/api.ts";
import { compared } from "../../../components/providers/verification/compared-pods.ts";

const owner = "shop/Deployment cart";
const at = (seconds: number) => new Date(seconds * 1000);

function cart(name: string, readySince: number, more: Partial<Pod> = {}): Pod {
  const ownerReferences = [
    { kind: "ReplicaSet", name: "cart-5d9", uid: "rs", apiVersion: "apps/v1", controller: true },
  ];
  return {
    metadata: { name, namespace: "shop", uid: name, labels: { "pod-template-hash": "5d9" }, ownerReferences },
    spec: { containers: [], nodeName: "w1" },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: at(readySince) }],
    },
    ...more,
  };
}
const gone = (...times: number[]) => times.map((time) => ({ owner, at: time, wasServing: true }));
// As they are listed: with no more of them than is kept.
const before = noteThen([cart("a", 1), cart("b", 1), cart("c", 1)].map(compared));

describe("the longest shortage of an owner", () => {
  it("lasts from an eviction until as many others are Ready", () => {
    const now = [cart("c", 1), cart("d", 112), cart("e", 120)];
    expect(findShortages(gone(100, 101), before, now.map(compared), 200)).toEqual([
      { owner, seconds: 20, missing: 0 },
    ]);
  });

  it("is the longest of several", () => {
    const now = [cart("c", 1), cart("d", 103), cart("e", 149)];
    expect(findShortages(gone(100, 140), before, now, 200)).toEqual([{ owner, seconds: 9, missing: 0 }]);
  });

  it("is none where others were Ready before", () => {
    const now = [cart("c", 1), cart("d", 99), cart("e", 100)];
    expect(findShortages(gone(100, 101), before, now, 200)).toEqual([]);
  });

  it("goes on where pods are missing in the end, and says how many", () => {
    const now = [cart("c", 1), cart("d", 110)];
    expect(findShortages(gone(100, 101), before, now, 200)).toEqual([{ owner, seconds: 100, missing: 1 }]);
  });

  it("does not count pods that did not serve, nor those of a moment ago that were there before", () => {
    const idle = [{ owner, at: 100, wasServing: false }];
    expect(findShortages(idle, before, [cart("a", 1), cart("b", 1), cart("c", 1)], 200)).toEqual([]);
  });
});

it("tells pods that are without a node since the run", () => {
  const waiting = (name: string, more: object = {}) =>
    cart(name, 1, { spec: { containers: [] }, status: { phase: "Pending" }, ...more });
  const earlier = noteThen([waiting("old")]);
  const pods = [waiting("old"), waiting("new"), cart("c", 1)];
  expect(newlyPending(earlier, pods).map(({ metadata }) => metadata?.name)).toEqual(["new"]);
});
