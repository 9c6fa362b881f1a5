// The page: one file that asks nobody for anything, in which nothing that others wrote is markup.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderPage } from "../../../components/review/page/page.ts";
import type { Review, StackReview } from "../../../components/review/review.ts";
import { withVerdict } from "../../../components/review/review.ts";
import { poolText, reviewOf, stackText } from "./stacks.ts";

const reviewed = (...stacks: readonly StackReview[]): Review => ({ schema: 1, project: "pools", stacks });
const change = reviewOf(
  stackText(poolText("workers", ["w1", "w2", "w3"])),
  stackText(poolText("workers", ["w1", "w2"]), poolText("more", ["w4"])),
);
const page = renderPage(reviewed(change));

it("has its style and its script by hash, and may load nothing else", () => {
  const policy = /content="(default-src[^"]+)"/.exec(page)?.[1];
  const hashes = (["style", "script"] as const).map((tag) => {
    const text = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(page)?.[1] ?? "";
    return `${tag}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  });
  expect(policy).toBe(`default-src 'none'; ${hashes.join("; ")}; base-uri 'none'; form-action 'none'`);
  expect(page).not.toMatch(/\b(src|href|action|style|on\w+)=|url\(|@import|https?:/);
});

it("draws each node before and after, and says what happens to it", () => {
  const cells = (label: string) => {
    const list = new RegExp(`aria-label="${label}">(.*?)</ul>`).exec(page)?.[1] ?? "";
    return [...list.matchAll(/title="([^"]*)"/g)].map(([, title]) => title);
  };
  expect(cells("workers before")).toEqual(["w1: stays", "w2: stays", "w3: leaves"]);
  expect(cells("workers after")).toEqual(["w1: stays", "w2: stays"]);
  expect(cells("more before")).toEqual([]);
  expect(cells("more after")).toEqual(["w4: joins"]);
});

it("has the names of nodes in their cells as long as there is room for them", () => {
  const drawn = (size: number) => {
    const names = Array.from({ length: size }, (_, at) => `node-${at}`);
    const nodes = names.map((node) => ({ node, pool: "workers", happens: "leaves" as const }));
    const pools = [{ name: "workers", before: size, after: 0, nodes, settings: [] }];
    const text = renderPage(reviewed(withVerdict({ ...change, pools })));
    return (text.match(/<span aria-hidden="true">node-\d+<\/span>/g) ?? []).length;
  };
  expect([drawn(24), drawn(25)]).toEqual([24, 0]);
});

it("shows of many nodes those first to which something happens", () => {
  const nodes = Array.from({ length: 30 }, (_, at) => ({
    ...{ node: `node-${at}`, pool: "workers", happens: at === 29 ? ("leaves" as const) : ("stays" as const) },
  }));
  const pools = [{ name: "workers", before: 30, after: 29, nodes, settings: [] }];
  const text = renderPage(reviewed(withVerdict({ ...change, pools })));
  expect(/aria-label="workers before"><li class="bad" title="([^"]*)"/.exec(text)?.[1]).toBe(
    "node-29: leaves",
  );
});

it("draws the pods that move by owner, those with the most of them first", () => {
  const owners = [1, 40, 20].map((pods) => ({ owner: `shop/Deployment d${pods}`, pods }));
  const text = renderPage(
    reviewed(withVerdict({ ...change, facts: [{ kind: "moves", severity: "info", owners }] })),
  );
  const rows = [...text.matchAll(/Deployment d(\d+)<\/th><td>\d+<\/td><td><svg class="bar" width="(\d+)"/g)];
  expect(rows.map(([, pods, width]) => [pods, width])).toEqual([
    ["40", "160"],
    ["20", "80"],
    ["1", "4"],
  ]);
});

it("stays below 5 MB with 1,000 nodes that all change and 3,000 owners", () => {
  const nodes = Array.from({ length: 1000 }, (_, at) => `node-${at}.rack-${at % 40}.example.com`);
  const owners = Array.from({ length: 3000 }, (_, at) => ({
    owner: `team-${at}/Deployment service-${at}`,
    pods: 10,
  }));
  const large = withVerdict({
    ...change,
    concerns: [{ kind: "data-loss", text: "lost", names: owners.map(({ owner }) => owner) }],
    facts: [{ kind: "moves", severity: "info", owners }],
    pools: [
      {
        name: "workers",
        before: 1000,
        after: 0,
        nodes: nodes.map((node) => ({ node, pool: "workers", happens: "leaves" })),
        settings: [],
      },
    ],
  });
  expect(renderPage(reviewed(large)).length).toBeLessThan(5_000_000);
});

describe("whatever names and texts there are", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.stringMatching(/^[<>"'&/=a-z -]{0,40}$/),
    fc.constantFrom("</script><script>alert(1)</script>", '"><img src=x onerror=y>', "</style>", "<!--"),
  );
  const tags = (text: string) => text.match(/<[^>]*>/g)?.map((tag) => tag.replace(/ .*/s, ">")) ?? [];

  it("has no markup but its own, and closes what it opens", () => {
    const property = fc.property(anything, anything, (text, name) => {
      const rendered = renderPage(
        reviewed({
          ...change,
          stack: name,
          concerns: [{ kind: "down", text, names: [text, name, text, name] }],
          hosts: [{ field: text, before: name, hosts: [name] }],
        }),
      );
      const plain = renderPage(
        reviewed({
          ...change,
          stack: "x",
          concerns: [{ kind: "down", text: "x", names: ["x", "x", "x", "x"] }],
          hosts: [{ field: "x", before: "x", hosts: ["x"] }],
        }),
      );
      expect(tags(rendered)).toEqual(tags(plain));
    });
    fc.assert(property, { seed: 17, numRuns: 200 });
    const opened = tags(page).filter((tag) => !/^<(\/|!|meta|input)/.test(tag)).length;
    expect(opened).toBe(tags(page).filter((tag) => tag.startsWith("</")).length);
  });
});
