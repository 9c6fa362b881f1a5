// Pauses between two tries to evict one pod.
import { expect, it } from "vitest";
import { retryDelay } from "../../../components/drain/evict-pods.ts";
import type { EvictionAnswer } from "../../../components/kube/api.ts";

const blocked: EvictionAnswer = { kind: "blocked", budgets: [] };
const transient: EvictionAnswer = { kind: "transient", text: "" };

it.each<[string, EvictionAnswer, number, number]>([
  ["D-V28 a budget: five seconds", blocked, 0, 5],
  ["a budget not yet observed: what the server says", { ...blocked, retryAfterSeconds: 10 }, 0, 10],
  ["a budget, a shorter wish: five seconds all the same", { ...blocked, retryAfterSeconds: 1 }, 0, 5],
  ["D-V16 a terminating namespace: five seconds", { kind: "namespace-terminating" }, 0, 5],
  ["D-V20 the first failure: one second", transient, 1, 1],
  ["D-V20 the third failure: four seconds", transient, 3, 4],
  ["D-V20 many failures: thirty seconds at most", transient, 9, 30],
  ["D-V21 a failure with a wish: the wish", { ...transient, retryAfterSeconds: 10 }, 3, 10],
  ["gone: the next look", { kind: "gone" }, 0, 1],
])("%s", (_name, answer, failures, seconds) => {
  expect(retryDelay(answer, failures, 0)).toBe(seconds);
});

it("D-V28 adds a quarter at most, so that pods of one budget spread", () => {
  expect([0, 0.5, 1].map((chance) => retryDelay(blocked, 0, chance))).toEqual([5, 5.625, 6.25]);
});
