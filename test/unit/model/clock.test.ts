// Waits and retries on a clock that leaps.
import { describe, expect, it } from "vitest";
import { actAfter, poll, readTime, retry, systemClock, writeTime } from "../../../components/model/clock.ts";
import { leapingClock } from "../../support/clocks.ts";

describe("a wait", () => {
  it("returns what it finds, without a pause when that is there at once", async () => {
    const clock = leapingClock();
    expect(await poll(clock, { every: 5, within: 60, until: async () => "here" })).toBe("here");
    expect(clock.sleeps).toEqual([]);
  });

  it("looks again after each pause and tells the seconds so far", async () => {
    const clock = leapingClock();
    const heard: number[] = [];
    let looks = 0;
    const until = async () => (++looks === 3 ? looks : undefined);
    expect(await poll(clock, { every: 5, within: 60, until, onWait: (seconds) => heard.push(seconds) })).toBe(
      3,
    );
    expect(heard).toEqual([0, 5]);
    expect(clock.sleeps).toEqual([5, 5]);
  });

  it("ends without a find when its time is over, after a last look", async () => {
    const clock = leapingClock();
    let looks = 0;
    const until = async () => void looks++;
    expect(await poll(clock, { every: 5, within: 12, until })).toBeUndefined();
    expect(looks).toBe(4);
  });

  it("ends with what a look throws", async () => {
    const until = () => Promise.reject(new Error("refused"));
    await expect(poll(leapingClock(), { every: 5, within: 60, until })).rejects.toThrow("refused");
  });
});

describe("a retry", () => {
  const failing = (times: number) => async (failures: number) => {
    if (failures < times) throw new Error(`failure ${failures + 1}`);
    return failures;
  };

  it("makes another attempt after each pause", async () => {
    const clock = leapingClock();
    expect(await retry(clock, failing(2), (_, failures) => failures * 10)).toBe(2);
    expect(clock.sleeps).toEqual([10, 20]);
  });

  it("throws the failure for which there is no pause", async () => {
    const pauseAfter = (_: unknown, failures: number) => (failures < 2 ? 1 : undefined);
    await expect(retry(leapingClock(), failing(5), pauseAfter)).rejects.toThrow("failure 2");
  });
});

describe("an act that is put off", () => {
  it("happens after its time", async () => {
    await new Promise<void>((resolve) => actAfter(systemClock, 0.001, resolve));
  });

  it("does not happen once it is called off", async () => {
    let acts = 0;
    actAfter(systemClock, 0.001, () => acts++)();
    await systemClock.sleep(0.02);
    expect(acts).toBe(0);
  });
});

it("reads times of the API and of annotations, and writes them to the millisecond", () => {
  expect(readTime(new Date(1500))).toBe(1.5);
  expect(readTime("2026-01-01T00:00:00.123Z")).toBe(1767225600.123);
  expect(readTime("soon")).toBeUndefined();
  expect(readTime(undefined)).toBeUndefined();
  expect(writeTime(1767225600.123)).toBe("2026-01-01T00:00:00.123Z");
});

it("the system's clock tells the time of day", () => {
  expect(Math.abs(systemClock.now() - Date.now() / 1000)).toBeLessThan(3600);
});
