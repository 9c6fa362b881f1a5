// Sleeps that news end early.
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { type Clock, News, systemClock } from "../../../components/model/clock.ts";

const long = 60;

it("ends at the first news", async () => {
  const news = new News();
  const slept = news.sleep(systemClock, long).then(() => "woken");
  expect(await Promise.race([slept, setTimeout(20, "asleep")])).toBe("asleep");
  news.notify();
  expect(await slept).toBe("woken");
});

it("does not lose news that came while nobody slept", async () => {
  const news = new News();
  news.notify();
  await news.sleep(systemClock, long);
});

it("takes several news before a sleep for one", async () => {
  const news = new News();
  news.notify();
  news.notify();
  await news.sleep(systemClock, long);
  const slept = news.sleep(systemClock, long).then(() => "woken");
  expect(await Promise.race([slept, setTimeout(20, "asleep")])).toBe("asleep");
  news.notify();
  await slept;
});

it("takes news during a sleep for that sleep's own", async () => {
  const news = new News();
  const first = news.sleep(systemClock, long);
  news.notify();
  await first;
  const second = news.sleep(systemClock, long).then(() => "woken");
  expect(await Promise.race([second, setTimeout(20, "asleep")])).toBe("asleep");
  news.notify();
  await second;
});

it("ends when its time has come", async () => {
  await new News().sleep(systemClock, 0.01);
});

it("leaves no timer behind when news ended it", async () => {
  const news = new News();
  let aborted: AbortSignal | undefined;
  const clock: Clock = {
    now: () => 0,
    sleep: (seconds, signal) => {
      aborted = signal;
      return systemClock.sleep(seconds, signal);
    },
  };
  const slept = news.sleep(clock, long);
  news.notify();
  await slept;
  expect(aborted?.aborted).toBe(true);
});
