// When a pod is deleted past its budgets, and with what grace.
import { expect, it } from "vitest";
import { planFinalDeletion } from "../../../components/drain/delete-pods.ts";
import { pod } from "./pods.ts";

const start = Date.parse("2030-01-01T00:00:00Z") / 1000;
const at = (seconds: number) => start + seconds;
const deadline = at(300);

it.each<[string, number | undefined, number | undefined, number]>([
  ["D-O12 its own grace and two seconds before the deadline", 60, undefined, 238],
  ["D-O12 Kubernetes' default grace before it when it has none", undefined, undefined, 268],
  ["D-O12 the declared grace before it when there is one", 60, 10, 288],
  ["D-O12 two seconds before it when grace is 0", 60, 0, 298],
  ["D-O13 before the start when its grace is longer than the whole drain", 900, undefined, -602],
])("a pod is due %s", (_name, own, declared, due) => {
  const waiting = pod("p", own === undefined ? {} : { grace: own });
  expect(planFinalDeletion(waiting, deadline, start, declared)?.dueAt).toBe(at(due));
});

it.each<[string, number, number, number | undefined, number]>([
  ["D-O12 is the pod's own while there is time", 238, 60, undefined, 60],
  ["D-O12 is what is left when that is less", 250, 60, undefined, 48],
  ["D-O12 rounds down, so that it ends in time", 250.6, 60, undefined, 47],
  ["D-V24 is the declared one", 238, 60, 10, 10],
  ["D-O12 is never 0, although 0 is declared", 299, 60, 0, 1],
  ["D-O12 is never 0, although the time is over", 310, 60, undefined, 1],
])("the grace of a deletion %s", (_name, now, own, declared, grace) => {
  expect(planFinalDeletion(pod("p", { grace: own }), deadline, at(now), declared)?.graceSeconds).toBe(grace);
});

it("D-O14 deletes a pod again, at once and with what is left, when it would end after the deadline", () => {
  const late = pod("p", { grace: 900, deletedAt: at(301) });
  expect(planFinalDeletion(late, deadline, at(100), undefined)).toEqual({
    dueAt: at(100),
    graceSeconds: 198,
  });
});

it("D-O14 deletes it again with a second when the time is over", () => {
  const late = pod("p", { grace: 900, deletedAt: at(400) });
  expect(planFinalDeletion(late, deadline, at(310), undefined)?.graceSeconds).toBe(1);
});

it("D-O14 leaves a pod that ends with the deadline to its own pace", () => {
  const inTime = pod("p", { grace: 900, deletedAt: deadline });
  expect(planFinalDeletion(inTime, deadline, at(299), undefined)).toBeUndefined();
});
