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
        return !/[\n\t]/.test(shown) && !dangerous.test(shown) && shown.length < 700;
      }),
    );
  });

  it("says how much was left out, and cuts no character in two", () => {
    expect(oneLine(`${"a".repeat(9)}🚀end`, 10)).toBe(`${"a".repeat(9)}… (4 more characters)`);
  });
});

describe("lastLines", () => {
  it("bounds each line and their number", () => {
    expect(lastLines("1\n2\n3\n", 2)).toBe("2\n3");
    expect(lastLines("x".repeat(1_000_000), 12).length).toBeLessThan(400);
  });
});
