// The table of acceptance cases and the ids in the names of the tests say the same.
import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../..", import.meta.url).pathname;
const read = (path: string) => readFileSync(`${root}/${path}`, "utf8");

const id = "[DJ]-(?:[A-Z]\\d{1,2}|\\d\\d[a-c]?)";
const headsOfNames = new RegExp(`["'\`]((?:${id} )+)`, "g");

const rows = read("docs/cases.md")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !/^\| (id |-)/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const idOf = (row: readonly string[]) => row[1] ?? "";
const filesOf = (row: readonly string[]) => row[4] ?? "";
const reasonOf = (row: readonly string[]) => row[5] ?? "";

/** The files that hold each id, as the table names them. */
const tested = new Map<string, string[]>();
for (const path of globSync("test/**/*.test.ts", { cwd: root })) {
  const ids = [...read(path).matchAll(headsOfNames)].flatMap(([, head = ""]) => head.trim().split(" "));
  const name = path.replace(/^test\/(.*)\.test\.ts$/, "$1");
  for (const key of new Set(ids)) tested.set(key, [...(tested.get(key) ?? []), name]);
}

describe("the acceptance cases", () => {
  it("have ids of one form, each once", () => {
    const ids = rows.map(idOf);
    expect(ids.filter((text) => !new RegExp(`^${id}$`).test(text))).toEqual([]);
    expect(ids.filter((text, at) => ids.indexOf(text) !== at)).toEqual([]);
  });

  it("include every id that a test's name begins with", () => {
    const known = new Set(rows.map(idOf));
    expect([...tested.keys()].filter((key) => !known.has(key))).toEqual([]);
  });

  it("name exactly the files that test them", () => {
    const named = Object.fromEntries(rows.map((row) => [idOf(row), filesOf(row)]));
    const actual = Object.fromEntries(
      rows.map((row) => [idOf(row), (tested.get(idOf(row)) ?? []).sort().join(", ")]),
    );
    expect(named).toEqual(actual);
  });

  it("are tested, or have a reason why not", () => {
    expect(rows.filter((row) => filesOf(row) === "" && reasonOf(row) === "").map(idOf)).toEqual([]);
  });

  it("are described", () => {
    expect(rows.filter((row) => row.length !== 7 || row[2] === "" || row[3] === "").map(idOf)).toEqual([]);
  });
});
