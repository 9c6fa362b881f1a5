// Nothing but the clock tells the time or sets a timer: whoever waits is handed one, and its tests hand in another.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const components = join(import.meta.dirname, "../../../components");
const own = join("model", "clock.ts");
const forbidden = /\bDate\.now\b|\bnew Date\(\)|\bset(Timeout|Interval)\b|\bperformance\.(now|timeOrigin)\b/;

const text = (file: string) => readFileSync(join(components, file), "utf8");

it("only model/clock.ts asks the machine for the time or sets a timer", () => {
  const files = readdirSync(components, { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => file.endsWith(".ts") && file !== own);
  expect(sources.filter((file) => forbidden.test(text(file)))).toEqual([]);
  expect(text(own)).toMatch(forbidden);
});
