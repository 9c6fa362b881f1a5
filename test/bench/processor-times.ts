// Tells how busy the machine's processors are, with whatever work.
import { cpus } from "node:os";

/** What all processors together have spent since the machine started, in milliseconds. */
export interface ProcessorTimes {
  readonly idle: number;
  readonly all: number;
}

/** Reads the times. */
export function processorTimes(): ProcessorTimes {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  return { idle, all: times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) };
}

/** Returns the share of the time since `before` in which the processors worked, from 0 to 1. */
export function busySince(before: ProcessorTimes): number {
  const now = processorTimes();
  return 1 - (now.idle - before.idle) / (now.all - before.all);
}
