// The pools before and after, a cell for each node, with a sign and a colour for what happens to it. Pure.
import { type Happening, happenings, type NodeChange } from "../../model/node-change.ts";
import type { PoolReview } from "../review.ts";
import { byHappening, sayHappening } from "../words.ts";
import { type Html, html } from "./html.ts";

const signs: Readonly<Record<Happening, { readonly sign: string; readonly tone: string }>> = {
  lost: { sign: "✕", tone: "bad" },
  leaves: { sign: "−", tone: "bad" },
  rejoins: { sign: "↻", tone: "warn" },
  reboots: { sign: "R", tone: "warn" },
  "is drained": { sign: "D", tone: "warn" },
  joins: { sign: "+", tone: "good" },
  moves: { sign: "→", tone: "info" },
  "is cordoned": { sign: "C", tone: "info" },
  "is uncordoned": { sign: "U", tone: "info" },
  stays: { sign: "·", tone: "" },
};

/** So many nodes of a pool still have room for their names. */
const mostNamed = 24;

/** Draws the pools in which something happens; a pool whose nodes all stay is one line. */
export function drawPools(pools: readonly PoolReview[]): Html {
  const seen = new Set(pools.flatMap(({ nodes }) => nodes.map(({ happens }) => happens)));
  const key = happenings
    .filter((happens) => seen.has(happens))
    .map((happens) => html`<li><b class="${signs[happens].tone}">${signs[happens].sign}</b>${happens}</li>`);
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
  return html`${title}<div class="rows">${row(`${name} before`, "Before", olds)}${row(`${name} after`, "After", news)}</div>`;
}

function row(label: string, title: string, nodes: readonly NodeChange[]): Html {
  if (nodes.length === 0) return html`<p class="soft">${title}</p><p class="soft">no node</p>`;
  const isNamed = nodes.length <= mostNamed;
  // Of many, those to which something happens come first.
  const shown = isNamed ? nodes : byHappening(nodes).flatMap(([, group]) => group);
  return html`<p class="soft">${title}</p><ul class="cells" aria-label="${label}">${shown.map((node) => cell(node, isNamed))}</ul>`;
}

function cell({ node, pool, happens }: NodeChange, isNamed: boolean): Html {
  const { sign, tone } = signs[happens];
  const name = isNamed ? html` <span aria-hidden="true">${node}</span>` : "";
  const says = `${node}: ${happens}`;
  return html`<li class="${tone}" title="${says}" data-words="${node} ${pool} ${happens}"><b aria-hidden="true">${sign}</b>${name}<span class="unseen"> ${says}</span></li>`;
}
