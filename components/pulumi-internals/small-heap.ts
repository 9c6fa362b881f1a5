// A smaller heap for some more processor time: with a thousand nodes most of what Pulumi's SDK has in memory is garbage, of
// requests and answers, which V8 lets gather until the heap is several times as large as what is in use.
// Bet: V8 reads both flags whenever it lets a space grow, not at its start alone. By the time that it loads us, the SDK has
// let the space of young objects grow to a size that is enough (32 MB; V8 would go to 128).
// And that a context made after --expose-gc was set has `gc`, whose last resort gives free memory back.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * By how many percent the heap may grow beyond what is in use. Measured with 1,000 nodes (docs/scale.md): 30 for both saves 0.1 GB
 * of the provider's, and takes two seconds more of processor time.
 */
export const heapGrowth = { program: 50, provider: 100 } as const;

/** Has V8 collect before the heap has grown by so many percent, and leave young objects the space that they have. */
export function keepHeapSmall(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
  setFlagsFromString("--semi-space-growth-factor=1");
}

/** Gives back what has become garbage, which takes a tenth of a second of processor time: before work that lasts. */
export function dropGarbage(): void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect({ type: "major", execution: "sync", flavor: "last-resort" });
}
