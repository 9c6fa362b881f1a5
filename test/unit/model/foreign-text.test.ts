// Text of others in our messages.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastLines, oneLine, showControls } from "../../../components/model/foreign-text.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be left
const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe("showControls", () => {
  it.each([
    ["an escape sequence", "v1\x1b]0;OWNED\x07", "v1\\x1b]0;OWNED\\x07"],
    ["the one-character form of it", "a\u009b2Jb", "a\\x9b2Jb"],
    ["a carriage return, which overwrites a line", "good\rbad", "good\\x0dbad"],
    ["text turned round", "a\u202eb", "a\\u202eb"],
    ["a delete", "a\x7fb", "a\\x7fb"],
    ["a blank without width", "prod\u200bdb", "prod\\u200bdb"],
    ["text in invisible letters", "a\u{e0041}b", "a\\u{e0041}b"],
    ["half a character", "a\ud800b", "a\\ud800b"],
  ])("shows %s", (_, text, shown) => {
    expect(showControls(text)).toBe(shown);
  });

  it("leaves lines, tabs and every language alone", () => {
    const text = "first\n\tsecond: é, 节点, 🚀";
    expect(showControls(text)).toBe(text);
  });

  it("leaves nothing that a terminal obeys, whatever comes", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !dangerous.test(showControls(text))));
  });
});

describe("oneLine", () => {
  it("is one bounded line, whatever comes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
        const shown = oneLine(text, 100);
        const isLine = !/[\n\t]/.test(shown) && !dangerous.test(shown);
        return isLine && shown.length <= 130 && oneLine(shown, 100) === shown;
      }),
    );
  });

  it("says how long it was, and cuts no character in two", () => {
    const text = `${"a".repeat(9)}🚀${"b".repeat(50)}`;
    expect(oneLine(text, 10)).toBe(`${"a".repeat(9)}… (61 characters)`);
  });
});

describe("lastLines", () => {
  it("bounds each line and their number", () => {
    expect(lastLines("1\n2\n3\n", 2)).toEqual(["2", "3"]);
    expect(lastLines(" \n", 2)).toEqual([]);
    expect(lastLines("x".repeat(1_000_000), 12).join().length).toBeLessThan(400);
  });
});
