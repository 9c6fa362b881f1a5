// The pools before and after, a cell for each node, with a letter and a colour for what happens to it. Pure.
import { type Happening, happenings, type NodeChange } from "../../model/node-change.ts";
import type { PoolReview } from "../review.ts";
import { sayHappening } from "../words.ts";
import { type Html, html } from "./html.ts";

const signs: Readonly<Record<Happening, { readonly letter: string; readonly tone: string }>> = {
  lost: { letter: "✕", tone: "bad" },
  leaves: { letter: "−", tone: "bad" },
  rejoins: { letter: "↻", tone: "warn" },
  reboots: { letter: "R", tone: "warn" },
  "is drained": { letter: "D", tone: "warn" },
  joins: { letter: "+", tone: "good" },
  moves: { letter: "→", tone: "info" },
  "is cordoned": { letter: "C", tone: "info" },
  "is uncordoned": { letter: "U", tone: "info" },
  stays: { letter: "·", tone: "" },
};

/** Draws the pools in which something happens; a pool whose nodes all stay is one line. */
export function drawPools(pools: readonly PoolReview[]): Html {
  const seen = new Set(pools.flatMap(({ nodes }) => nodes.map(({ happens }) => happens)));
  const key = happenings
    .filter((happens) => seen.has(happens))
    .map(
      (happens) => html`<li><b class="${signs[happens].tone}">${signs[happens].letter}</b>${happens}</li>`,
    );
  return html`<ul class="key">${key}</ul>${pools.map((pool) => drawPool(pool, pools))}`;
}

function drawPool(pool: PoolReview, pools: readonly PoolReview[]): Html {
  const { name, before, after, nodes } = pool;
  const title = html`<h3>Pool ${name}: ${before ?? "not declared"} → ${after ?? "not declared"}</h3>`;
  const gone = pools.flatMap((other) => other.nodes.filter(({ formerPool }) => formerPool === name));
  if (gone.length === 0 && nodes.every(({ happens }) => happens === "stays"))
    return html`${title}<p class="soft">${sayHappening("stays", nodes.length)}</p>`;
  const olds = [...nodes.filter((node) => node.happens !== "joins" && !node.formerPool), ...gone];
  const news = nodes.filter(({ happens }) => happens !== "leaves" && happens !== "lost");
  return html`${title}${row(`${name} before`, "Before", olds)}${row(`${name} after`, "After", news)}`;
}

function row(label: string, title: string, nodes: readonly NodeChange[]): Html {
  if (nodes.length === 0) return html`<p class="soft">${title}: no node</p>`;
  return html`<p class="soft">${title}</p><ul class="cells" aria-label="${label}">${nodes.map(cell)}</ul>`;
}

function cell({ node, pool, happens }: NodeChange): Html {
  const { letter, tone } = signs[happens];
  const says = `${node}: ${happens}`;
  return html`<li class="${tone}" title="${says}" data-words="${node} ${pool} ${happens}">${letter}<span class="unseen"> ${says}</span></li>`;
}
