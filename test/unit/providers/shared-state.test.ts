// What the resources of a command share is in its Operation: a module's own state outlives tests and hides an order.
import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const folder = "components/providers";
const variable = /^(?:export )?(?:let|var)\s/;
const container = /^(?:export )?const \w+(?:: [^=]+)? = (?:new |\[\]|\{\})/;

/** Lists the lines of a module that make something which may change, outside of any function or class. */
function sharedState(source: string): string[] {
  // Text in backquotes is data, such as the program that Pulumi keeps in state.
  const code = source.replace(/`[^`]*`/g, "``");
  return code.split("\n").filter((line) => variable.test(line) || container.test(line));
}

it("no module of the providers keeps state but the operation", () => {
  const files = globSync(`${folder}/**/*.ts`).filter(
    // What the forwarder holds is the text that goes into state.
    (file) => !/\/(operation|forward)\.ts$/.test(file),
  );
  expect(files.length).toBeGreaterThan(20);
  const found = files.flatMap((file) =>
    sharedState(readFileSync(file, "utf8")).map((line) => `${file}: ${line}`),
  );
  expect(found).toEqual([]);
});

it.each([
  ["let known = false;"],
  ["export let known: Set<string> | undefined;"],
  ["const known = new Map<string, string>();"],
  ["const known: string[] = [];"],
  ["const known: Record<string, string> = {};"],
])("finds %s", (line) => {
  expect(sharedState(`import x from "y";\n${line}\n  const inside = new Map();`)).toEqual([line]);
});
