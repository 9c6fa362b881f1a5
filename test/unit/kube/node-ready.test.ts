// What the Ready condition of a Node says.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { isReady, isUnreachable, readNodeReady } from "../../../components/kube/node-ready.ts";

const now = Date.parse("2026-01-01T00:10:00Z") / 1000;

function nodeThatIs(status: string, secondsAgo = 0): Node {
  const lastTransitionTime = new Date((now - secondsAgo) * 1000);
  return { status: { conditions: [{ type: "Ready", status, lastTransitionTime, message: "so" }] } };
}

it("tells the status, since when and why", () => {
  expect(readNodeReady(nodeThatIs("False", 60))).toEqual({ status: "False", since: now - 60, message: "so" });
  expect(isReady(nodeThatIs("True"))).toBe(true);
  expect(isReady(nodeThatIs("Unknown"))).toBe(false);
});

it("does not take a Node on which no kubelet has ever reported for a silent one", () => {
  expect(readNodeReady({})).toBeUndefined();
  expect(isReady({})).toBe(false);
  expect(isUnreachable({}, now)).toBe(false);
});

describe("a node is unreachable", () => {
  it.each([
    ["Unknown", 30, true],
    ["Unknown", 29, false],
    ["False", 300, false],
    ["True", 300, false],
  ])("when its Ready is %s for %i s: %s", (status, secondsAgo, expected) => {
    expect(isUnreachable(nodeThatIs(status, secondsAgo), now)).toBe(expected);
  });
});
