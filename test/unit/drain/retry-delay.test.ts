// Pauses between two tries to evict one pod.
import { expect, it } from "vitest";
import { retryDelayMs } from "../../../components/drain/retry-delay.ts";
import type { EvictionAnswer } from "../../../components/kube/api.ts";

const blocked: EvictionAnswer = { kind: "blocked", budgets: [] };
const transient: EvictionAnswer = { kind: "transient", text: "" };

it.each<[string, EvictionAnswer, number, number]>([
  ["D-V28 a budget: five seconds", blocked, 0, 5000],
  ["a budget not yet observed: what the server says", { ...blocked, retryAfterSeconds: 10 }, 0, 10_000],
  ["a budget, a shorter wish: five seconds all the same", { ...blocked, retryAfterSeconds: 1 }, 0, 5000],
  ["D-V16 a terminating namespace: five seconds", { kind: "namespace-terminating" }, 0, 5000],
  ["D-V20 the first failure: one second", transient, 1, 1000],
  ["D-V20 the third failure: four seconds", transient, 3, 4000],
  ["D-V20 many failures: thirty seconds at most", transient, 9, 30_000],
  ["D-V21 a failure with a wish: the wish", { ...transient, retryAfterSeconds: 10 }, 3, 10_000],
  ["gone: the next look", { kind: "gone" }, 0, 1000],
])("%s", (_name, answer, failures, ms) => {
  expect(retryDelayMs(answer, failures, 0)).toBe(ms);
});

it("D-V28 adds a quarter at most, so that pods of one budget spread", () => {
  expect([0, 0.5, 1].map((chance) => retryDelayMs(blocked, 0, chance))).toEqual([5000, 5625, 6250]);
});
