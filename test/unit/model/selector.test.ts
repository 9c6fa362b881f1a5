// Label selectors in kubectl's syntax: what they mean, and what is wrong with those that are none.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseSelector,
  type Requirement,
  selectorFault,
  selects,
} from "../../../components/model/selector.ts";

const labels = { app: "web", tier: "", "example.com/zone": "a" };
const selected = (text: string) => selects(parseSelector(text), labels);

const keyRule =
  'a name of 1 to 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, after an optional DNS name and "/", as in example.com/tier';
const valueRule = 'at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends, or nothing';

describe("a selector", () => {
  it.each([
    ["D-O09 an empty one", ["", " \t\n"]],
    ["equality", ["app=web", "app==web", "app = web", "tier=", "tier=,app=web", "example.com/zone=a"]],
    ["inequality, also without the key", ["app!=db", "owner!=x", "tier!=x"]],
    ["a set", ["app in (db, web)", "app in(web)", "tier in ()", "tier in (a,)", "tier in (a,,b)"]],
    ["no set, also without the key", ["app notin (db)", "owner notin (x,y)", "app notin ()"]],
    ["a key", ["app", "tier", "app,tier"]],
    ["no such key", ["!owner", "! owner", "app,!owner"]],
  ])("selects by %s", (_kind, texts) => {
    expect(texts.filter((text) => !selected(text))).toEqual([]);
  });

  it.each([
    ["equality", ["app=db", "owner=web", "app=", "owner="]],
    ["inequality", ["app!=web", "tier!="]],
    ["a set", ["app in (db)", "owner in (x)", "app in ()"]],
    ["no set", ["app notin (db, web)", "tier notin (a,)"]],
    ["a key", ["owner", "toString", "constructor"]],
    ["no such key", ["!app", "!tier"]],
    ["all of its requirements", ["app=web,owner", "!owner,app=db"]],
  ])("leaves out by %s", (_kind, texts) => {
    expect(texts.filter(selected)).toEqual([]);
  });

  it("takes words for keys and values that are operators elsewhere", () => {
    expect(parseSelector("in in (in,notin),notin=in")).toEqual([
      { key: "in", operator: "In", values: ["in", "notin"] },
      { key: "notin", operator: "In", values: ["in"] },
    ]);
  });

  it("says the same in both syntaxes, whatever the labels", () => {
    const word = fc.constantFrom("a", "b", "app", "toString", "__proto__");
    const anyLabels = fc.dictionary(word, word);
    fc.assert(
      fc.property(word, word, anyLabels, (key, value, some) => {
        fc.pre(key !== "__proto__" && value !== "__proto__");
        const decide = (text: string) => selects(parseSelector(text), some);
        expect(decide(`${key}=${value}`)).toBe(some[key] === value && Object.hasOwn(some, key));
        expect(decide(`${key} in (${value})`)).toBe(decide(`${key}=${value}`));
        expect(decide(`${key}!=${value}`)).toBe(!decide(`${key}=${value}`));
        expect(decide(`${key} notin (${value})`)).toBe(!decide(`${key}=${value}`));
        expect(decide(`!${key}`)).toBe(!decide(key));
      }),
    );
  });

  it("is read back from any way to write it", () => {
    const key = fc.constantFrom("a", "in", "x.io/a", "A_b");
    const value = fc.constantFrom("", "1", "notin", "a.b");
    const space = fc.constantFrom("", " ", "\t");
    const requirement: fc.Arbitrary<Requirement> = fc.oneof(
      fc.record({
        key,
        operator: fc.constantFrom("In" as const, "NotIn" as const),
        values: fc.uniqueArray(value, { minLength: 1 }),
      }),
      fc.record({
        key,
        operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
        values: fc.constant([]),
      }),
    );
    const write = ({ key: name, operator, values }: Requirement, gap: string) => {
      if (operator === "Exists") return `${gap}${name}`;
      if (operator === "DoesNotExist") return `!${gap}${name}`;
      return `${name} ${operator.toLowerCase()}${gap}(${values.join(`${gap},${gap}`)}${gap})${gap}`;
    };
    fc.assert(
      fc.property(fc.array(requirement), space, (requirements, gap) => {
        const text = requirements.map((one) => write(one, gap)).join(`,${gap}`);
        expect(parseSelector(text)).toEqual(requirements);
      }),
    );
  });
});

describe("D-E23 what is no selector", () => {
  it.each([
    ["app,", `expected a label key at the end: ${keyRule}`],
    [",app", `expected a label key at character 1: ${keyRule}`],
    ["=web", `expected a label key at character 1: ${keyRule}`],
    ["-app=web", `expected a label key at character 1: ${keyRule}`],
    ["app=web,UP.io/a", `expected a label key at character 9: ${keyRule}`],
    [`app,${"a".repeat(64)}`, `expected a label key at character 5: ${keyRule}`],
    ["app=web*", `expected a label value at character 5: ${valueRule}`],
    ["app=example.com/web", `expected a label value at character 5: ${valueRule}`],
    ["app in (a,-b)", `expected a label value at character 11: ${valueRule}`],
    [`app=${"a".repeat(64)}`, `expected a label value at character 5: ${valueRule}`],
    ["app web", 'expected =, ==, !=, in, notin, "," or the end at character 5'],
    ["app=web db", 'expected "," or the end at character 9'],
    ["!app=web", 'expected "," or the end at character 5'],
    ["app in web", 'expected "(" at character 8'],
    ["app in", 'expected "(" at the end'],
    ["app in (web", 'expected "," or ")" at the end'],
    ["app in (web))", 'expected "," or the end at character 13'],
    ["size>4", '"<" and ">" are not supported, at character 5; list the values, as in size in (4, 8)'],
    ["size < 4", '"<" and ">" are not supported, at character 6; list the values, as in size in (4, 8)'],
  ])("says of %j what is wrong and where", (text, fault) => {
    expect(selectorFault(text)).toBe(fault);
    expect(() => parseSelector(text)).toThrow(
      expect.objectContaining({
        message: `reading label selector "${text}": ${fault}. Correct the selector`,
      }),
    );
  });

  it("finds nothing wrong with a selector", () => {
    expect(selectorFault("app=web,tier in (a, b),!legacy")).toBe(undefined);
  });

  it("never fails in another way, and never quotes what it was given", () => {
    const piece = fc.constantFrom(
      "hunter2",
      "a",
      "in",
      "notin",
      "(",
      ")",
      ",",
      "=",
      "!",
      "!=",
      ">",
      " ",
      "-",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(selectorFault(pieces.join("")) ?? "").not.toContain("hunter2");
      }),
    );
  });
});
