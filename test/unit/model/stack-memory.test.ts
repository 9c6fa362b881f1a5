import { expect, it } from "vitest";
import { memoryWarning } from "../../../components/model/stack-memory.ts";

const ample = { machine: 64e9, heap: 8e9 };

it.each([
  ["as much as this stack needs", 1000, { machine: 1.601e9, heap: 0.311e9 }],
  ["few nodes on a small machine", 50, { machine: 1e9, heap: 0.25e9 }],
])("says nothing with %s", (_, nodes, limits) => {
  expect(memoryWarning(nodes, limits)).toBeUndefined();
});

it("tells what all processes need, what the machine has and what helps", () => {
  expect(memoryWarning(5000, { ...ample, machine: 4e9 })).toBe(
    "the stack declares 5000 nodes. By measurement program, providers and engine need 5.4 GB, and there are 4.0 GB here: the run may be ended half-way. Cut the cluster into several stacks (docs/scale.md says how), or run it where there is more memory.",
  );
});

it("tells what the program needs, where Node's own limit is lower", () => {
  const text = memoryWarning(5000, { ...ample, heap: 1e9 });
  expect(text).toContain("the program's objects need 1.3 GB, and Node lets it have 1.0 GB");
  expect(text).not.toContain("engine");
});

it("tells both in one sentence", () => {
  expect(memoryWarning(5000, { machine: 2e9, heap: 1e9 })).toMatch(
    /engine need 5\.4 GB.*; the program's objects need/,
  );
});
