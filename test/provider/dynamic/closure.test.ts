// What Pulumi stores of the provider's code with each resource: text that never changes and holds no code of ours.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { closureTexts } from "../../support/provider-process.ts";

const texts = closureTexts();
const kinds = { HostEnrollment: "enrollment", NodeMembership: "membership", Roster: "roster" };

it("is the same text for all time, but for the name of the implementation", () => {
  const generic = Object.entries(kinds).map(([type, kind]) =>
    texts[type as keyof typeof kinds].replaceAll(`kind: "${kind}"`, "kind: *"),
  );
  expect(Object.keys(texts).sort()).toEqual(Object.keys(kinds).sort());
  // Another digest means that the next `up` stores other code with every resource: is that wanted?
  expect(generic.map((text) => createHash("sha256").update(text).digest("hex"))).toEqual(
    Object.keys(kinds).map(() => "6090df81c84890b9a9f5d4e8a874351f268f02345f4f3cec5f3327734b852ffb"),
  );
});

it.each(Object.keys(kinds))("forwards the calls of a %s and does nothing else", (type) => {
  const text = texts[type as keyof typeof kinds];
  expect(text.length).toBeLessThan(4096);
  expect([...text.matchAll(/require\(([^)]*)\)/g)].map(([, module]) => module)).toEqual(
    Array(7).fill('"node:module"'),
  );
  expect([...text.matchAll(/\("nodepools\/provider"\)\S*/g)].map(([found]) => found)).toEqual([
    '("nodepools/provider").configure(request.config);',
    '("nodepools/provider")[kind].check(olds,',
    '("nodepools/provider")[kind].diff(id,',
    '("nodepools/provider")[kind].create(inputs);',
    '("nodepools/provider")[kind].read(id,',
    '("nodepools/provider")[kind].update(id,',
    '("nodepools/provider")[kind].delete(id,',
  ]);
  expect(text).not.toContain(process.cwd());
  expect(text).not.toMatch(/["'`](\/|file:|\.\.?\/)/);
});
