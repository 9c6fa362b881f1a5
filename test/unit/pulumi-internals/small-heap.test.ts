// Contract with V8: an update of Node that breaks our bet fails here.
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

// Objects that live for a while, in a process of its own: the flags are those of a process.
const program = `
import { constants, PerformanceObserver } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { getHeapSpaceStatistics } from "node:v8";

const spaceOfYoung = () => getHeapSpaceStatistics().find((one) => one.space_name === "new_space").space_size;
let collections = 0;
new PerformanceObserver((list) => {
  const isMajor = (one) => one.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
  collections += list.getEntries().filter(isMajor).length;
}).observe({ entryTypes: ["gc"] });

const kept = [];
const keep = (count) => {
  for (let at = 0; at < count; at++) kept[at % 600_000] = { at, list: [at] };
};
keep(200_000);
const before = spaceOfYoung();
await import(process.argv[1]).then(({ keepHeapSmall }) => keepHeapSmall?.(20));
keep(3_000_000);
await setTimeout(50);
console.log(JSON.stringify({ growth: spaceOfYoung() / before, collections }));
`;

function measure(module: string): { growth: number; collections: number } {
  const argv = ["--input-type=module", "--eval", program, module];
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: "utf8" }));
}

it("has V8 collect more often, and leave young objects the space that they have", () => {
  const usual = measure("node:process");
  const small = measure(new URL("../../../components/pulumi-internals/small-heap.ts", import.meta.url).href);
  expect(usual.growth).toBeGreaterThan(1);
  expect(small.growth).toBe(1);
  expect(small.collections).toBeGreaterThan(2 * usual.collections);
});

it("gives back at once what has become garbage", () => {
  const url = new URL("../../../components/pulumi-internals/small-heap.ts", import.meta.url).href;
  const garbage = `
import { dropGarbage } from "${url}";
let held = Array.from({ length: 1_000_000 }, (_, at) => ({ at }));
const before = process.memoryUsage().heapTotal;
held = undefined;
dropGarbage();
console.log(process.memoryUsage().heapTotal / before);`;
  const argv = ["--input-type=module", "--eval", garbage];
  expect(Number(execFileSync(process.execPath, argv, { encoding: "utf8" }))).toBeLessThan(0.3);
});
