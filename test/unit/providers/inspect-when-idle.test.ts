import { expect, it, vi } from "vitest";
import { inspectWhenIdle } from "../../../components/providers/host.ts";
import type { SshSession } from "../../../components/ssh/session.ts";
import { leapingClock } from "../../support/clocks.ts";

/** A host whose lock is held for so many inspections. */
function hostBusyFor(inspections: number): SshSession {
  let done = 0;
  const run = async () => ({
    stdout: `busy=${done++ < inspections ? "yes" : "no"}\ncomplete=yes\n`,
    stderr: "",
  });
  return { run, [Symbol.asyncDispose]: async () => undefined };
}

function listener() {
  const now = vi.fn();
  return { now, done: vi.fn(), say: vi.fn(), warn: vi.fn() };
}

it("looks once at a host that is idle, and says nothing", async () => {
  const progress = listener();
  expect(await inspectWhenIdle(hostBusyFor(0), progress)).toMatchObject({ busy: false, wasBusy: false });
  expect(progress.now).not.toHaveBeenCalled();
});

it("looks again each second while something is at work on the host, and says how long it waits", async () => {
  const progress = listener();
  const findings = await inspectWhenIdle(hostBusyFor(2), progress, leapingClock(0));
  expect(findings).toMatchObject({ busy: false, wasBusy: true });
  expect(progress.now.mock.calls.flat()).toEqual([
    "waiting for a join or reset that is still at work on the host: 0 s of 300 s",
    "waiting for a join or reset that is still at work on the host: 1 s of 300 s",
  ]);
});

it("gives up after five minutes, and leaves the judgement to who asked", async () => {
  const clock = leapingClock(0);
  const findings = await inspectWhenIdle(hostBusyFor(Number.POSITIVE_INFINITY), listener(), clock);
  expect([findings.busy, clock.now()]).toEqual([true, 300]);
});
