// What the Date header of answers proves about the server's clock.
import { expect, it } from "vitest";
import { ServerTime } from "../../../components/kube/server-time.ts";

const start = Date.parse("2026-01-01T00:00:00Z") / 1000;

/** Answers the server, whose clock is so far ahead, gives to requests of our clock, each taking so many seconds. */
function offsetAfter(
  ahead: number,
  requests: readonly { at: number; took: number }[],
  time = new ServerTime(),
) {
  for (const { at, took } of requests) {
    const date = new Date(Math.floor(start + at + took / 2 + ahead) * 1000).toUTCString();
    time.note({ askedAt: start + at, answeredAt: start + at + took, date });
  }
  return time.offset;
}

it("takes clocks that may agree for equal, as well as a server that has not answered yet", () => {
  expect(new ServerTime().offset).toBe(0);
  expect(offsetAfter(0.3, [{ at: 0, took: 0.02 }])).toBe(0);
  expect(offsetAfter(0, [{ at: 0.9, took: 0.3 }])).toBe(0);
});

it.each([600, -600])("tells a server's clock that is %i s ahead to the second", (ahead) => {
  const offset = offsetAfter(ahead, [{ at: 0.4, took: 0.05 }]);
  expect(Math.abs(offset - ahead)).toBeLessThan(1.1);
});

it("learns more with each answer", () => {
  const requests = Array.from({ length: 20 }, (_, n) => ({ at: n * 1.05, took: 0.01 }));
  expect(Math.abs(offsetAfter(7.42, requests) - 7.42)).toBeLessThan(0.1);
});

it("follows a clock that is set, and learns nothing from a slow answer that contradicts nothing", () => {
  const time = new ServerTime();
  offsetAfter(600, [{ at: 0, took: 0.1 }], time);
  offsetAfter(600, [{ at: 5, took: 29 }], time);
  expect(time.offset).toBeGreaterThan(598);
  expect(offsetAfter(0, [{ at: 60, took: 0.1 }], time)).toBe(0);
});

it("ignores answers without a date", () => {
  const time = new ServerTime();
  time.note({ askedAt: start, answeredAt: start, date: undefined });
  time.note({ askedAt: start, answeredAt: start, date: "yesterday" });
  expect(time.offset).toBe(0);
});
