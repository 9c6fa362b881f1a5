// Lets the machine come to rest, then times a piece of work and notes what else the machine did meanwhile.
import { availableParallelism, loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lab } from "../../../lab/lab.ts";
import { busySince, processorTimes } from "../processor-times.ts";
import { processorSeconds } from "./processor-seconds.ts";
import type { Conditions } from "./results.ts";

const windowMs = 2000;
const quietShare = 0.2;
const longestRestMs = 60_000;

/** Times the work once the machine is quiet, or after a minute of waiting for that. */
export async function timeWork<T>(
  lab: Lab,
  work: () => Promise<T>,
): Promise<Conditions & { readonly seconds: number; readonly result: T }> {
  await rest();
  const [load = Number.NaN] = loadavg();
  const [machine, own] = [processorTimes(), processorSeconds(lab)];
  const begun = performance.now();
  const result = await work();
  const seconds = (performance.now() - begun) / 1000;
  const ownSeconds = processorSeconds(lab) - own;
  const allSeconds = busySince(machine) * seconds * availableParallelism();
  return { load, seconds, ownSeconds, otherSeconds: Math.max(0, allSeconds - ownSeconds), result };
}

/** Waits until the processors have little to do. */
async function rest(): Promise<void> {
  const deadline = performance.now() + longestRestMs;
  for (;;) {
    const before = processorTimes();
    await sleep(windowMs);
    if (busySince(before) <= quietShare || performance.now() > deadline) return;
  }
}
