// How long one list of Nodes, as any answer of the cluster, serves everyone who asks.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Clock } from "../../../components/model/clock.ts";
import { SharedAnswer } from "../../../components/providers/shared-answer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

const clock: Clock = { now: () => Date.now() / 1000, sleep: async () => undefined };

/** A server that takes this long for a list, and counts them; nobody has asked before. */
async function serverTaking(milliseconds: number, failure?: Error) {
  const nodes = new SharedAnswer<object[]>(clock);
  const listNodes = vi.fn(async () => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    if (failure) throw failure;
    return [];
  });
  const ask = (most?: number) => nodes.get(listNodes, most).catch(() => "failed");
  return { listNodes, ask };
}

/** Asks, and again so many milliseconds after the answer; returns how many lists that took. */
async function listsWhenAskedAgain(pause: number, takes: number, failure?: Error, most?: number) {
  const { listNodes, ask } = await serverTaking(takes, failure);
  void ask();
  await vi.advanceTimersByTimeAsync(takes + pause);
  void ask(most);
  return listNodes.mock.calls.length;
}

it("all who ask while a list is on its way get that one, however long it takes", async () => {
  const { listNodes, ask } = await serverTaking(20_000);
  const first = ask();
  await vi.advanceTimersByTimeAsync(15_000);
  const second = ask();
  await vi.advanceTimersByTimeAsync(5000);
  expect(await Promise.all([first, second])).toEqual([[], []]);
  expect(listNodes).toHaveBeenCalledTimes(1);
});

it.each([
  { takes: 5, serves: 250 },
  { takes: 60, serves: 600 },
  { takes: 3000, serves: 1000 },
])("a list that takes $takes ms serves $serves ms", async ({ takes, serves }) => {
  expect(await listsWhenAskedAgain(serves - 1, takes)).toBe(1);
  expect(await listsWhenAskedAgain(serves + 1, takes)).toBe(2);
});

it.each([
  { takes: 5, serves: 250 },
  { takes: 3000, serves: 30_000 },
])("a list that takes $takes ms serves those at leisure $serves ms", async ({ takes, serves }) => {
  expect(await listsWhenAskedAgain(serves - 1, takes, undefined, 30)).toBe(1);
  expect(await listsWhenAskedAgain(serves + 1, takes, undefined, 30)).toBe(2);
});

it("a failure serves five seconds", async () => {
  const failure = new Error("no answer");
  expect(await listsWhenAskedAgain(4999, 10, failure)).toBe(1);
  expect(await listsWhenAskedAgain(5001, 10, failure)).toBe(2);
});
