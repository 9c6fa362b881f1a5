// When the watcher calls a moment a violation of a budget.
import type { V1Pod } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { countHealthyPods } from "../../bench/healthy-pods.ts";
import { desiredHealthy } from "../../bench/manifests.ts";

type State = "ready" | "starting" | "leaving";

function pod(name: string, state: State, app = "web"): V1Pod {
  return {
    metadata: {
      uid: name,
      labels: { app },
      ...(state === "leaving" && { deletionTimestamp: new Date(0) }),
    },
    status: { conditions: [{ type: "Ready", status: state === "starting" ? "False" : "True" }] },
  };
}

/** Two Ready pods of an application whose budget wants one. */
function twoPods() {
  const pods = countHealthyPods(new Map([["web", 1]]));
  pods.see("ADDED", pod("a", "ready"));
  pods.see("ADDED", pod("b", "ready"));
  return pods;
}

describe("the watcher of budgets", () => {
  it("sees no violation while a population is counted, nor at the limit", () => {
    const pods = twoPods();
    pods.see("MODIFIED", pod("a", "leaving"));
    expect(pods.sightings()).toEqual({ events: 3, violations: 0, atLimit: 1 });
  });

  it("counts a terminating pod as lost though it is still Ready", () => {
    const pods = twoPods();
    pods.see("MODIFIED", pod("a", "leaving"));
    pods.see("MODIFIED", pod("b", "leaving"));
    expect(pods.sightings()).toMatchObject({ violations: 1, firstViolation: "web: 0 healthy, 1 wanted" });
  });

  it("counts a replacement only when it is Ready", () => {
    const pods = twoPods();
    pods.see("MODIFIED", pod("a", "leaving"));
    pods.see("ADDED", pod("c", "starting"));
    pods.see("DELETED", pod("b", "ready"));
    expect(pods.sightings().violations).toBe(1);
  });

  it("lets pods without a budget go", () => {
    const pods = twoPods();
    pods.see("ADDED", pod("x", "ready", "free"));
    pods.see("DELETED", pod("x", "ready", "free"));
    expect(pods.sightings().violations).toBe(0);
  });
});

describe("desiredHealthy", () => {
  it.each([
    [50, 5, 47],
    [50, 10, 45],
    [10, 5, 9],
    [10, undefined, 0],
  ])("of %i pods at %s percent is %i", (replicas, maxUnavailablePercent, wanted) => {
    expect(desiredHealthy({ name: "web", replicas, maxUnavailablePercent })).toBe(wanted);
  });
});
