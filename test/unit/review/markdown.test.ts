// The report as Markdown: the decision first, within a length, and nothing of what others wrote takes part in it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { marker, renderMarkdown } from "../../../components/review/markdown.ts";
import { escapeMarkdown } from "../../../components/review/markdown-text.ts";
import { type Review, type StackReview, withVerdict } from "../../../components/review/review.ts";
import { poolText, reviewOf, stackText } from "./stacks.ts";

const reviewed = (...stacks: readonly StackReview[]): Review => ({ schema: 1, project: "pools", stacks });

/** A change of a pool with so many nodes, of which a third leaves. */
function changeOf(nodes: number): StackReview {
  const names = Array.from({ length: nodes }, (_, at) => `node-${at}`);
  const hosts = names.map(
    (name, at) => `        - { name: ${name}, address: 10.0.${at >> 8}.${at & 255} }\n`,
  );
  const keyed = stackText(
    poolText("workers", hosts, ["drain: { force: true }", "limits: { maxRemovals: 40% }"]),
  ).replace("./id_ed25519", "./id_ed25519, knownHostsFile: ./known_hosts");
  const lost = stackText(
    poolText("workers", hosts.slice(0, Math.ceil((nodes * 2) / 3)), [
      "drain: { force: true, timeoutSeconds: 60 }",
      "limits: { maxRemovals: 40% }",
    ]),
  ).replace("./id_ed25519", "./id_ed25519, knownHostsFile: ./known_hosts");
  return reviewOf(keyed, lost);
}

/** Everything before the first fold, with names and numbers made alike. */
function firstScreen(text: string): string[] {
  const [first = ""] = text.split("<details>");
  return first
    .trimEnd()
    .replace(/nodepools:content \w+/, "nodepools:content HASH")
    .replace(/Fingerprint: \w+/, "Fingerprint: HASH")
    .replaceAll(/node-\d+(, node-\d+)*( and \d+ more)?/g, "NAMES")
    .replaceAll(/leaves?\b/g, "leave")
    .replaceAll(/nodes?\b/g, "node")
    .replaceAll(/within [^(]+ \(/g, "within TIME (")
    .replaceAll(/turns?\b/g, "turn")
    .replaceAll(/\d+/g, "N")
    .split("\n");
}

describe("the report", () => {
  it("begins with the marker and the decision", () => {
    const text = renderMarkdown(reviewed(changeOf(3)));
    expect(text.split("\n").slice(0, 14)).toEqual([
      "<!-- nodepools:review pools/dev -->",
      expect.stringMatching(/^<!-- nodepools:content [0-9a-f]{16} -->$/),
      "",
      "## Needs care: node pools of dev",
      "",
      "1 node leaves; 1 setting differs<br>",
      "**Data lost: 1**",
      "",
      "### Data that is lost or left behind",
      "",
      "- pods without a controller there are gone for good (drain.force): node-2",
      "",
      "| Pool | Nodes | What happens |",
      "| --- | --- | --- |",
    ]);
  });

  it("has the same first screen at 3 and at 3,000 nodes", () => {
    const [few, many] = [3, 3000].map((nodes) => firstScreen(renderMarkdown(reviewed(changeOf(nodes)))));
    expect(many).toEqual(few);
  });

  it("has every node and every owner of pods that move in folds, the gravest first", () => {
    const pool = "workers";
    const nodes = Array.from({ length: 11 }, (_, at) => ({
      ...{ node: `w${at + 1}`, pool, happens: at === 10 ? ("leaves" as const) : ("joins" as const) },
    }));
    const owners = [{ owner: "shop/Deployment cart", pods: 2 }];
    const text = renderMarkdown(
      reviewed(
        withVerdict({
          ...changeOf(3),
          pools: [{ name: pool, before: 1, after: 10, nodes, settings: [] }],
          facts: [{ kind: "moves", severity: "info", owners }],
        }),
      ),
    );
    expect(text).toContain(
      "<summary>dev: all nodes that change</summary>\n\n- workers: w11 leaves\n- workers: w1 joins\n",
    );
    expect(text).toContain(
      "<summary>dev: all pods that move, by owner</summary>\n\n- shop/Deployment cart: 2 pods\n",
    );
  });

  it("is one for all stacks, a row for each, when there are several", () => {
    const other = { ...reviewOf(stackText(poolText("a", ["w1"])), stackText(poolText("a", ["w1", "w2"]))) };
    const text = renderMarkdown(reviewed(changeOf(3), { ...other, stack: "prod" }));
    expect(text).toContain("| prod | Fine | 1 node joins |");
    expect(marker(reviewed(changeOf(3), other))).toBe("<!-- nodepools:review pools -->");
  });

  it("has the YAML that allows a refusal to copy, unless that could be markup", () => {
    const refused = (yaml: string) => {
      const concern = { kind: "refused", text: "too many", allow: { pool: "a|b", yaml } } as const;
      return renderMarkdown(reviewed(withVerdict({ ...changeOf(3), concerns: [concern] })));
    };
    expect(refused("limits: { maxRemovals: 2 }")).toContain(
      "- too many To allow it, in pool a&#124;b: `limits: { maxRemovals: 2 }`\n",
    );
    expect(refused("a`<b>")).toContain("in pool a&#124;b: a&#96;&#60;b&#62;\n");
  });

  it("keeps the marker one comment, whatever stacks are called", () => {
    const named = { ...changeOf(3), stack: "a --> <script>" };
    expect(marker(reviewed(named))).toBe("<!-- nodepools:review pools/a_--___script_ -->");
  });
});

const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 900 }),
  fc.stringMatching(/^[-<>|`@#!*_[\]()&;\\~:. a-z0-9\n]{0,80}$/),
);
const concern = fc.record({
  kind: fc.constantFrom("refused", "data-loss", "down", "unknown" as const),
  text: anything,
  names: fc.array(anything, { maxLength: 8 }),
});
const small = changeOf(7);
const stack = fc
  .record({ stack: anything, concerns: fc.array(concern, { maxLength: 40 }), field: anything })
  .map(({ stack, concerns, field }) =>
    withVerdict({
      ...small,
      stack,
      concerns: concerns as StackReview["concerns"],
      connection: [{ field, before: field, after: field }],
    }),
  );

describe("whatever names and texts there are", () => {
  const property = (check: (text: string, characters: number) => void) =>
    fc.assert(
      fc.property(fc.array(stack, { maxLength: 4 }), fc.integer({ min: 600, max: 20_000 }), (stacks, most) =>
        check(renderMarkdown(reviewed(...stacks), most), most),
      ),
      { seed: 17, numRuns: 150 },
    );

  it("keeps within the length that a platform takes", () => {
    property((text, most) => {
      expect(text.length).toBeLessThanOrEqual(most);
    });
  });

  it("closes every fold that it opens, and has no markup but its own", () => {
    property((text) => {
      const lines = text.split("\n");
      const [opened, closed] = ["<details><summary>", "</details>"].map(
        (tag) => lines.filter((line) => line.startsWith(tag)).length,
      );
      expect(opened).toBe(closed);
      const own =
        /^<!-- nodepools:(review [\w./-]+|content [0-9a-f ]*) -->$|<details><summary>|<\/summary>|<\/details>|<br>$|^\*\*[\w :·]+\*\*$/g;
      expect(lines.map((line) => line.replaceAll(own, "")).filter((line) => /[<>`*]/.test(line))).toEqual([]);
    });
  });

  it("has as many cells in each row of a table as its head", () => {
    property((text) => {
      const rows = text.split("\n").filter((line) => line.startsWith("|"));
      expect(rows.filter((row) => row.split("|").length !== 5)).toEqual([]);
    });
  });
});

describe("foreign text", () => {
  it.each([
    ["a|b `c` <d> *e* _f_ [g](h)", "a&#124;b &#96;c&#96; &#60;d&#62; &#42;e&#42; &#95;f&#95; &#91;g&#93;(h)"],
    ["@team #12 !3 https://example.com", "@\u200bteam &#35;\u200b12 &#33;\u200b3 https:\u200b//example.com"],
    ["--> x", "&#45;-&#62; x"],
    ["1. one", "&#49;. one"],
    ["a\nb", "a&#92;nb"],
  ])("%j stands there as it is", (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped);
  });

  it("is one line without any character that could begin markup", () => {
    const property = fc.property(anything, (text) => {
      expect(escapeMarkdown(text)).toMatch(/^(?![-+=:]|\d+[.)])([^<>`*_[\]|~$^\\"'\n!{}&#]|&#\d+;)*$/);
    });
    fc.assert(property, { seed: 17, numRuns: 2000 });
  });
});
