// When a node counts as one on which nobody ends pods.
import { describe, expect, it } from "vitest";
import { systemClock } from "../../../components/drain/clock.ts";
import { isUnreachable } from "../../../components/drain/drain-run.ts";
import type { Node } from "../../../components/kube/api.ts";

const now = Date.parse("2026-01-01T00:10:00Z");

function nodeThatIs(status: string, secondsAgo: number): Node {
  const lastTransitionTime = new Date(now - secondsAgo * 1000);
  return { status: { conditions: [{ type: "Ready", status, lastTransitionTime }] } };
}

describe("a node is unreachable", () => {
  const clock = { ...systemClock, now: () => now };

  it.each([
    ["Unknown", 30, true],
    ["Unknown", 29, false],
    ["False", 300, false],
    ["True", 300, false],
  ])("when its Ready is %s for %i s: %s", (status, secondsAgo, expected) => {
    expect(isUnreachable({ node: nodeThatIs(status, secondsAgo), clock })).toBe(expected);
  });
});
