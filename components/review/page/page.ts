// A review as one HTML file: asks nobody for anything, is whole without its script, and shows in full what the comment
// counts. Pure.
import { createHash } from "node:crypto";
import { type Concern, type ConcernKind, gravest, type Review, type StackReview } from "../review.ts";
import {
  concernWords,
  sayAllowing,
  sayChange,
  sayProof,
  sayTallies,
  sayTimes,
  verdictWords,
} from "../words.ts";
import { Html, html } from "./html.ts";
import { drawPools } from "./picture.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { nodeTable, ownerTable, settingTable } from "./tables.ts";

/** Writes the page. */
export function renderPage(review: Review): string {
  const { project, stacks } = review;
  const [stack] = stacks;
  const name = stacks.length === 1 && stack ? `${project}/${stack.stack}` : project;
  const title = `${verdictWords[gravest(stacks)]}: node pools of ${name}`;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hashOf(style)}'; script-src '${hashOf(script)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<div class="filter" role="search" hidden><label>Filter by node, pool, owner or namespace <input type="search"></label> <output></output></div>
<main>
<h1>Node pools of ${name}</h1>
${stacks.length === 0 ? html`<p class="panel"><strong>No change</strong> No stack's config differs.</p>` : stacks.map((one) => stackSection(one, stacks.length > 1))}
</main>
<footer><h2>What this rests on</h2><ul>${sayProof(review).map((line) => html`<li>${line}</li>`)}</ul></footer>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.markup;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** The decision first: the verdict, the change in numbers, what speaks against it; then the rest. */
function stackSection(stack: StackReview, isOneOfSeveral: boolean): Html {
  const { stack: name, verdict, concerns, pools } = stack;
  const tallies = sayTallies(stack).map((tally) => html`<li>${tally}</li>`);
  return html`<section aria-label="stack ${name}">
${isOneOfSeveral ? html`<h2>${name}</h2>` : ""}
<div class="panel ${verdict}"><strong>${verdictWords[verdict]}</strong>
<p>${sayChange(stack).join("; ")}</p>
${tallies.length > 0 ? html`<ul class="tallies">${tallies}</ul>` : ""}</div>
${concernSections(concerns)}
${pools.length > 0 ? html`<h2>Pools before and after</h2>${drawPools(pools)}` : ""}
${timeSection(stack)}
${ownerTable(stack)}
${nodeTable(stack)}
${settingTable(stack)}
</section>
`;
}

const tones: Readonly<Record<ConcernKind, string>> = {
  refused: "bad",
  failed: "bad",
  "will-fail": "bad",
  "may-not-end": "warn",
  "data-loss": "bad",
  down: "warn",
  "past-budgets": "warn",
  drift: "info",
  unknown: "info",
  other: "info",
};

function concernSections(concerns: readonly Concern[]): Html[] {
  return [...Map.groupBy(concerns, ({ kind }) => kind)].map(
    ([kind, group]) =>
      html`<div class="concern ${tones[kind]}"><h2>${concernWords[kind]}</h2><ul>${group.map(concernItem)}</ul></div>`,
  );
}

function concernItem({ text, allow, names = [] }: Concern): Html {
  const words = [text, ...names].join(" ");
  const remedy = allow ? html` ${sayAllowing(allow)} <code>${allow.yaml}</code>` : "";
  if (names.length <= 3) return html`<li data-words="${words}">${text}${remedy}</li>`;
  const all = names.map((name) => html`<li data-words="${name}">${name}</li>`);
  return html`<li>${text}${remedy}<details><summary>all ${names.length}</summary><ul>${all}</ul></details></li>`;
}

function timeSection(stack: StackReview): Html | string {
  const lines = sayTimes(stack).map((line) => html`<li>${line}</li>`);
  return lines.length === 0 ? "" : html`<h2>How long at most</h2><ul>${lines}</ul>`;
}
