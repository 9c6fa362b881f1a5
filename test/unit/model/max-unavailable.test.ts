// How many nodes of a pool may be out of service at once.
import fc from "fast-check";
import { expect, it } from "vitest";
import { resolveMaxUnavailable } from "../../../components/model/limits.ts";

it.each([
  [1, 5, 1],
  [7, 5, 5],
  ["25%", 10, 3],
  ["1%", 10, 1],
  ["100%", 10, 10],
  ["29%", 100, 29],
  ["50%", 0, 1],
])("resolves %s of %i nodes to %i", (value, poolSize, nodes) => {
  expect(resolveMaxUnavailable(value, poolSize)).toBe(nodes);
});

it("D-P13 is between one node and the whole pool", () => {
  const share = fc.oneof(
    fc.integer({ min: 1, max: 500 }),
    fc.integer({ min: 1, max: 100 }).map((part) => `${part}%`),
  );
  fc.assert(
    fc.property(share, fc.integer({ min: 1, max: 300 }), (value, poolSize) => {
      const nodes = resolveMaxUnavailable(value, poolSize);
      expect(nodes).toBeGreaterThanOrEqual(1);
      expect(nodes).toBeLessThanOrEqual(poolSize);
    }),
  );
});
