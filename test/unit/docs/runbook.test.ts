// The runbook says the same in both languages, and its links lead somewhere.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { anchors, codeBlocks, headings, links } from "./markdown.ts";

const folder = new URL("../../../docs/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), "utf8");
const runbooks = ["runbook.md", "runbook.zh.md"] as const;
const [english, chinese] = [read(runbooks[0]), read(runbooks[1])];

/** What is to be the same in all languages: everything but comments and prose. */
const blocks = (document: string) =>
  codeBlocks(document).map(({ language, text }) => ({
    language,
    text: text.replace(/ *# .*/g, "").replaceAll("、", ", "),
  }));
const levels = (document: string) => headings(document).map((heading) => heading.split(" ")[0]);
const tables = (document: string) =>
  document
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").length);

describe("the runbook", () => {
  it("has the same sections in both languages", () => {
    expect(levels(chinese)).toEqual(levels(english));
  });

  it("shows the same commands and configs in both languages", () => {
    expect(blocks(chinese)).toEqual(blocks(english));
  });

  it("has the same table rows in both languages", () => {
    expect(tables(chinese)).toEqual(tables(english));
  });

  it("leads from the same places to the same sections in both languages", () => {
    const sections = (document: string) => {
      const all = anchors(document);
      return links(document)
        .filter((target) => !target.startsWith("runbook"))
        .map((target) => (target.startsWith("#") ? all.indexOf(target.slice(1)) : target));
    };
    expect(sections(chinese)).toEqual(sections(english));
  });

  it.each(runbooks)("has no link in %s that leads nowhere", (name) => {
    const broken = links(read(name)).filter((target) => {
      const [file = "", anchor] = target.split("#");
      return anchor !== undefined && !anchors(read(file || name)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(runbooks)("names every section at the head of %s", (name) => {
    const head = links(read(name).split(/^## /m)[0] ?? "");
    const sections = headings(read(name)).filter((heading) => heading.startsWith("## "));
    expect(head.filter((target) => target.startsWith("#"))).toHaveLength(sections.length);
  });
});
