// Sleeps that news end early.
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { type Clock, systemClock } from "../../../components/drain/clock.ts";
import { Wakeup } from "../../../components/drain/wakeup.ts";

const long = 60_000;

it("ends at the first news", async () => {
  const wakeup = new Wakeup();
  const slept = wakeup.sleep(systemClock, long).then(() => "woken");
  expect(await Promise.race([slept, setTimeout(20, "asleep")])).toBe("asleep");
  wakeup.notify();
  expect(await slept).toBe("woken");
});

it("does not lose news that came while nobody slept", async () => {
  const wakeup = new Wakeup();
  wakeup.notify();
  await wakeup.sleep(systemClock, long);
});

it("takes several news before a sleep for one", async () => {
  const wakeup = new Wakeup();
  wakeup.notify();
  wakeup.notify();
  await wakeup.sleep(systemClock, long);
  const slept = wakeup.sleep(systemClock, long).then(() => "woken");
  expect(await Promise.race([slept, setTimeout(20, "asleep")])).toBe("asleep");
  wakeup.notify();
  await slept;
});

it("takes news during a sleep for that sleep's own", async () => {
  const wakeup = new Wakeup();
  const first = wakeup.sleep(systemClock, long);
  wakeup.notify();
  await first;
  const second = wakeup.sleep(systemClock, long).then(() => "woken");
  expect(await Promise.race([second, setTimeout(20, "asleep")])).toBe("asleep");
  wakeup.notify();
  await second;
});

it("ends when its time has come", async () => {
  await new Wakeup().sleep(systemClock, 10);
});

it("leaves no timer behind when news ended it", async () => {
  const wakeup = new Wakeup();
  let aborted: AbortSignal | undefined;
  const clock: Clock = {
    now: () => 0,
    sleep: (ms, signal) => {
      aborted = signal;
      return systemClock.sleep(ms, signal);
    },
  };
  const slept = wakeup.sleep(clock, long);
  wakeup.notify();
  await slept;
  expect(aborted?.aborted).toBe(true);
});
