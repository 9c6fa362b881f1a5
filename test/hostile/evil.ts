// What a liar writes where a value is expected, and how to tell that it reached nobody's terminal.
import { expect } from "vitest";

/** Is in every lie, at its beginning: it is shown however much of the rest is cut off. */
const lie = "LIE";

/** Begins a line that nobody but a liar writes. */
const forged = "FORGED";

/** Sets a title, erases the line above, overwrites, turns text round, hides a blank, and begins lines of its own. */
export const evil = `${lie}\x1b]0;OWNED\x07\x1b[2K\x1b[1A\u009b2J\r${forged} a\n${forged} b\u2028${forged} c\u202eetad\u200bx\udc00\x7f`;

/** The same with 100 kB behind it. */
export const longEvil = `${evil}${"x".repeat(100_000)}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be left
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/** Fails when a terminal obeys a part of the text, when a line of it is a liar's, or when it is too long to be read. */
export function expectHarmless(text: string, longest = 20_100): void {
  expect(text).toContain(lie);
  expect(text.replace(obeyed, "OBEYED")).not.toContain("OBEYED");
  expect(text.split("\n").filter((line) => line.trimStart().startsWith(forged))).toEqual([]);
  expect(text.length).toBeLessThanOrEqual(longest);
}
