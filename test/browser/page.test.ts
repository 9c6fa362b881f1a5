// The page of a review in a real browser: it asks nobody for anything, complains of nothing, works by keyboard, and reads
// well to a screen reader, by day and by night, with few nodes and with a thousand.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderPage } from "../../components/review/page/page.ts";
import { type Browser, startChromium } from "./chromium.ts";
import { reviewOfNodes } from "./reviews.ts";

const folder = mkdtempSync(join(tmpdir(), "nodepools-pages-"));
let browser: Browser;

beforeAll(async () => {
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** With REVIEW_SCREENSHOTS set, what a person would look at is kept there. */
async function keepScreenshot(name: string): Promise<void> {
  const { REVIEW_SCREENSHOTS } = process.env;
  if (REVIEW_SCREENSHOTS === undefined) return;
  mkdirSync(REVIEW_SCREENSHOTS, { recursive: true });
  writeFileSync(join(REVIEW_SCREENSHOTS, `${name}.png`), await browser.tab.screenshot());
}

describe.each([3, 1000])("a review of %i nodes", (nodes) => {
  const path = join(folder, `${nodes}.html`);
  const url = pathToFileURL(path).href;

  beforeAll(async () => {
    writeFileSync(path, renderPage(reviewOfNodes(nodes)));
    const { tab } = browser;
    tab.complaints.length = 0;
    tab.requests.length = 0;
    await tab.resize(1200, 1000);
    await tab.go(url);
  });

  it("has the decision on its first screen: verdict, numbers, what fails, what is lost, what is down", async () => {
    const seen = await browser.tab.evaluate<readonly string[]>(
      `[...document.querySelectorAll(".panel strong, .panel p, .panel li, .concern h2")]
        .filter((element) => element.getBoundingClientRect().bottom < innerHeight).map((element) => element.textContent)`,
    );
    const third = Math.ceil(nodes / 3);
    const leave =
      third === 1
        ? "1 node leaves, 1 reboots, 1 joins"
        : `${third} nodes leave, ${third} reboot, ${third} join`;
    expect(seen[1]).toMatch(new RegExp(`^${leave}; \\d+ pods of ${nodes} owners move; `));
    expect(seen.filter((text) => !text.includes(";"))).toEqual([
      "Will fail",
      ...["will fail: 1", "data lost: 1", "down for a while: 1", "changed by hand: 1"],
      ...[
        "Will fail",
        "Data that is lost or left behind",
        "Down for a while",
        "Changed by hand, and set back",
      ],
    ]);
  });

  it("is small enough to send, and loads nothing else without a complaint", async () => {
    expect(readFileSync(path).length).toBeLessThan(5_000_000);
    expect(browser.tab.requests).toEqual([url]);
    expect(browser.tab.complaints).toEqual([]);
  });

  it.each(["light", "dark"] as const)("breaks no rule of axe when it is %s", async (scheme) => {
    const { tab } = browser;
    await tab.emulate(scheme);
    await keepScreenshot(`${nodes}-${scheme}`);
    await tab.evaluate(axe.source);
    const broken = await tab.evaluate<readonly string[]>(
      `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html.slice(0, 200)))`,
    );
    expect(broken).toEqual([]);
  });

  it("is filtered and opened with the keyboard alone", async () => {
    const { tab } = browser;
    const focused = () => tab.evaluate<string>("document.activeElement.tagName");
    await tab.evaluate("document.activeElement.blur()");
    await tab.press("Tab");
    expect(await focused()).toBe("INPUT");
    for (const key of "node-2") await tab.press(key);
    const shown = () => tab.evaluate<number>('document.querySelectorAll(".cells li:not([hidden])").length');
    expect(await shown()).toBeGreaterThan(0);
    expect(await shown()).toBeLessThan(nodes * 2);
    expect(await tab.evaluate<string>('document.querySelector("output").textContent')).toMatch(/^\d+ of \d+/);
    await tab.press("Tab");
    expect(await focused()).toBe("SUMMARY");
    const isOpen = () => tab.evaluate<boolean>("document.activeElement.parentElement.open");
    const before = await isOpen();
    await tab.press("Enter");
    expect(await isOpen()).toBe(!before);
    expect(tab.complaints).toEqual([]);
  });

  it("shows on paper what is folded on the screen, and no filter", async () => {
    const { tab } = browser;
    const height = (selector: string) =>
      tab.evaluate<number>(`document.querySelector("${selector}").getBoundingClientRect().height`);
    await tab.evaluate(`const search = document.querySelector("input");
      search.value = "";
      search.dispatchEvent(new Event("input"));
      for (const fold of document.querySelectorAll("details")) fold.open = false;`);
    await tab.emulate("light", "print");
    expect([await height("details li, tbody tr"), await height(".filter")]).toEqual([expect.any(Number), 0]);
    expect(await height("details li, tbody tr")).toBeGreaterThan(0);
    await tab.emulate("light");
  });
});
