// What memory this process and those beside it may use.
import { totalmem } from "node:os";
import { getHeapStatistics } from "node:v8";
import type { MemoryLimits } from "../model/stack-memory.ts";

/** Reads the limits of the machine, of the container that the process is in, and of Node. */
export function memoryLimits(): MemoryLimits {
  // 0 where nothing is known of a container, and more than there is where it has no limit.
  const container = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return { machine: Math.min(container, totalmem()), heap: getHeapStatistics().heap_size_limit };
}
