// What to change on a Node, and that nothing else is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planKeys, planTaints } from "../../../components/model/node-metadata.ts";
import { isSameTaint, type Taint, taintEffects } from "../../../components/model/taint.ts";

describe("planKeys", () => {
  it.each([
    ["sets a missing key", {}, {}, { tier: "a" }, { tier: "a" }],
    ["corrects a differing value", { tier: "b" }, {}, { tier: "a" }, { tier: "a" }],
    ["leaves an equal value out", { tier: "a" }, { tier: "a" }, { tier: "a" }, {}],
    ["removes a formerly owned key", { tier: "a", zone: "z" }, { tier: "a" }, {}, { tier: null }],
    ["ignores a formerly owned key that is gone", {}, { tier: "a" }, {}, {}],
    ["keeps foreign keys", { foreign: "x" }, { tier: "a" }, {}, {}],
    [
      "treats constructor as a key like any other",
      {},
      { toString: "" },
      { constructor: "a" },
      { constructor: "a" },
    ],
  ])("J-37 %s", (_, current, owned, declared, patch) => {
    expect(planKeys(current, owned, declared)).toEqual(patch);
  });

  const key = fc.constantFrom("a", "b", "c", "d", "constructor", "toString");
  const keys = fc.dictionary(key, fc.constantFrom("", "1", "2"), { noNullPrototype: true });

  it("J-37 names only owned and declared keys", () => {
    fc.assert(
      fc.property(keys, keys, keys, (current, owned, declared) => {
        const ours = [...Object.keys(owned), ...Object.keys(declared)];
        expect(
          Object.keys(planKeys(current, owned, declared)).filter((name) => !ours.includes(name)),
        ).toEqual([]);
      }),
    );
  });

  it("leads to what is declared, after which there is nothing to do", () => {
    fc.assert(
      fc.property(keys, keys, keys, (current, owned, declared) => {
        const patch = planKeys(current, owned, declared);
        const patched = Object.entries({ ...current, ...patch }).filter(([, value]) => value !== null);
        const after = Object.fromEntries(patched) as Record<string, string>;
        expect(after).toMatchObject(declared);
        expect(planKeys(after, owned, declared)).toEqual({});
      }),
    );
  });
});

describe("planTaints", () => {
  const gpu = { key: "gpu", value: "yes", effect: "NoSchedule" } as const;
  const foreign = { key: "foreign", effect: "NoExecute", timeAdded: new Date(0) };

  it.each([
    ["appends a declared taint", [foreign], [], [gpu], [foreign, gpu]],
    ["corrects a value in place", [{ ...gpu, value: "no" }, foreign], [], [gpu], [gpu, foreign]],
    ["removes a formerly owned taint", [gpu, foreign], [gpu], [], [foreign]],
    ["does nothing when nothing differs", [foreign, gpu], [gpu], [gpu], undefined],
    ["keeps foreign taints whole", [foreign], [], [], undefined],
    [
      "takes an absent and an empty value for one",
      [{ key: "gpu", effect: "NoSchedule" }],
      [],
      [{ ...gpu, value: "" }],
      undefined,
    ],
    [
      "takes an empty and an absent value for one",
      [{ key: "gpu", value: "", effect: "NoSchedule" }],
      [],
      [{ key: "gpu", effect: "NoSchedule" as const }],
      undefined,
    ],
    [
      "tells taints apart by their effect",
      [{ ...gpu, effect: "NoExecute" }],
      [],
      [gpu],
      [{ ...gpu, effect: "NoExecute" }, gpu],
    ],
  ])("J-37 %s", (_, current, owned, declared, planned) => {
    expect(planTaints(current, owned, declared)).toEqual(planned);
  });

  const taint: fc.Arbitrary<Taint> = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    value: fc.constantFrom("", "1", "2"),
    effect: fc.constantFrom(...taintEffects),
  });
  const taints = fc.uniqueArray(taint, { comparator: isSameTaint, maxLength: 6 });

  it("J-37 keeps foreign taints in their order, and settles in one step", () => {
    fc.assert(
      fc.property(taints, taints, taints, (current, owned, declared) => {
        const ours = (one: Taint) => [...owned, ...declared].some((other) => isSameTaint(one, other));
        const after = planTaints(current, owned, declared) ?? current;
        expect(after.filter((one) => !ours(one))).toEqual(current.filter((one) => !ours(one)));
        expect(after.filter(ours)).toHaveLength(declared.length);
        expect(planTaints(after, owned, declared)).toBeUndefined();
      }),
    );
  });
});
