// A review as one HTML file: asks nobody for anything, is whole without its script, and shows in full what the comment
// counts. Pure.
import { createHash } from "node:crypto";
import { type Concern, gravest, type Review, type StackReview } from "../review.ts";
import {
  byHappening,
  concernWords,
  sayConcern,
  sayNumbers,
  sayProof,
  sayTimes,
  verdictWords,
} from "../words.ts";
import { Html, html } from "./html.ts";
import { drawPools } from "./picture.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";

/** Writes the page. */
export function renderPage(review: Review): string {
  const { project, stacks } = review;
  const title = `${verdictWords[gravest(stacks)]}: node pools of ${[project, ...(stacks.length === 1 ? [stacks[0]?.stack ?? ""] : [])].join("/")}`;
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
<header><h1>${title}</h1>${proof(review)}</header>
<p class="filter" hidden><label>Filter by node, pool, owner or namespace: <input type="search"></label> <output></output></p>
<main>
${stacks.length === 0 ? html`<p class="verdict">No stack's config differs.</p>` : stacks.map((stack) => stackSection(stack))}
</main>
<script>${new Html(script)}</script>
</body>
</html>
`;
  return page.markup;
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

function proof(review: Review): Html {
  return html`<ul class="soft">${sayProof(review).map((line) => html`<li>${line}</li>`)}</ul>`;
}

function stackSection(stack: StackReview): Html {
  const { stack: name, verdict, concerns, pools } = stack;
  return html`<section aria-label="stack ${name}">
<h2>${name}</h2>
<p class="verdict ${verdict}"><strong>${verdictWords[verdict]}</strong>${sayNumbers(stack)}</p>
${concernSections(concerns)}
${pools.length > 0 ? html`<h3>Pools before and after</h3>${drawPools(pools)}` : ""}
${timeSection(stack)}
${nodeTable(stack)}
${ownerTable(stack)}
${settingTable(stack)}
</section>
`;
}

function concernSections(concerns: readonly Concern[]): Html[] {
  return [...Map.groupBy(concerns, ({ kind }) => kind)].map(
    ([kind, group]) => html`<h3>${concernWords[kind]}</h3><ul>${group.map(concernItem)}</ul>`,
  );
}

function concernItem(concern: Concern): Html {
  const { names = [] } = concern;
  const text = sayConcern(concern);
  const words = [text, ...names].join(" ");
  if (names.length <= 3) return html`<li data-words="${words}">${text}</li>`;
  const all = names.map((name) => html`<li data-words="${name}">${name}</li>`);
  return html`<li>${text}<details><summary>all ${names.length}</summary><ul>${all}</ul></details></li>`;
}

function timeSection(stack: StackReview): Html | string {
  const lines = sayTimes(stack).map((line) => html`<li>${line}</li>`);
  return lines.length === 0 ? "" : html`<h3>How long</h3><ul>${lines}</ul>`;
}

function nodeTable({ pools }: StackReview): Html | string {
  const rows = pools.flatMap(({ name, nodes }) =>
    byHappening(nodes)
      .filter(([happens]) => happens !== "stays")
      .flatMap(([happens, group]) =>
        group.map(
          ({ node, formerPool = "" }) =>
            html`<tr data-words="${node} ${name} ${formerPool} ${happens}"><th scope="row">${node}</th><td>${formerPool && `${formerPool} → `}${name}</td><td>${happens}</td></tr>`,
        ),
      ),
  );
  return fold(`nodes that change (${rows.length})`, ["Node", "Pool", "What happens"], rows);
}

function ownerTable({ facts }: StackReview): Html | string {
  const owners = facts.flatMap((fact) => (fact.kind === "moves" ? fact.owners : []));
  const rows = owners.map(
    ({ owner, pods }) => html`<tr data-words="${owner}"><th scope="row">${owner}</th><td>${pods}</td></tr>`,
  );
  return fold(`pods that move, by owner (${rows.length})`, ["Owner", "Pods"], rows);
}

function settingTable({ pools, hosts, connection }: StackReview): Html | string {
  const all = [
    ...pools.flatMap(({ name, settings }) =>
      settings.map((change) => ({ ...change, where: `pool ${name}` })),
    ),
    ...hosts.map((change) => ({ ...change, where: (change.hosts ?? []).join(", ") })),
    ...connection.map((change) => ({ ...change, where: "connection" })),
  ];
  const rows = all.map(
    ({ where, field, before = "(not set)", after = "(not set)" }) =>
      html`<tr data-words="${where} ${field}"><th scope="row">${where}</th><td>${field}</td><td>${before}</td><td>${after}</td></tr>`,
  );
  return fold(`settings that differ (${rows.length})`, ["Where", "Setting", "Before", "After"], rows);
}

function fold(title: string, head: readonly string[], rows: readonly Html[]): Html | string {
  if (rows.length === 0) return "";
  const open = rows.length <= 20 ? new Html(" open") : "";
  const cells = head.map((text) => html`<th scope="col">${text}</th>`);
  return html`<details${open}><summary>All ${title}</summary><table><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></details>`;
}
