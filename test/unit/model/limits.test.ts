import { expect, it } from "vitest";
import { type PoolLimits, resolveMaxRemovals } from "../../../components/model/limits.ts";

it.each<[PoolLimits | undefined, number, number]>([
  [undefined, 0, 1],
  [undefined, 1, 1],
  [undefined, 5, 1],
  [undefined, 6, 2],
  [{ minReady: 1 }, 100, 34],
  [{ maxRemovals: 0 }, 100, 0],
  [{ maxRemovals: 7 }, 3, 7],
  [{ maxRemovals: "50%" }, 3, 1],
  [{ maxRemovals: "100%" }, 3, 3],
])("with %j, a pool of %i may lose %i nodes at once", (limits, members, allowed) => {
  expect(resolveMaxRemovals(limits, members)).toBe(allowed);
});
