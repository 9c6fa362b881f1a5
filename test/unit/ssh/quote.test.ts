import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quoteForShell } from "../../../components/ssh/quote.ts";

const echoed = (text: string): string =>
  execFileSync("sh", ["-c", `printf %s ${quoteForShell(text)}`], { encoding: "utf8" });

describe("quoteForShell", () => {
  it("gives any text back unchanged through a real sh", () => {
    const text = fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0"));
    fc.assert(
      fc.property(text, (value) => echoed(value) === value),
      { numRuns: 60 },
    );
  });

  it.each(["", "'", "''", "a'b'c", "$(reboot)", "`x`", "a\nb", "\\", '"', "!1", "é"])("keeps %j", (text) => {
    expect(echoed(text)).toBe(text);
  });
});
