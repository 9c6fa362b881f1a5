// Everything by name: nodes that change, pods by owner with a bar for their number, settings. Pure.
import type { StackReview } from "../review.ts";
import { byHappening } from "../words.ts";
import { Html, html } from "./html.ts";

/** Lists the nodes to which something happens. */
export function nodeTable({ pools }: StackReview): Html | string {
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

const barWidth = 160;

/** Lists the owners whose pods move, those with the most of them first. */
export function ownerTable({ facts }: StackReview): Html | string {
  const moved = facts.flatMap((fact) => (fact.kind === "moves" ? fact.owners : []));
  const owners = moved.toSorted((one, other) => other.pods - one.pods);
  const [{ pods: most } = { pods: 1 }] = owners;
  const rows = owners.map(
    ({ owner, pods }) =>
      html`<tr data-words="${owner}"><th scope="row">${owner}</th><td>${pods}</td><td>${bar(pods / most)}</td></tr>`,
  );
  return fold(`pods that move, by owner (${rows.length})`, ["Owner", "Pods", "Share"], rows);
}

function bar(share: number): Html {
  const width = Math.max(2, Math.round(share * barWidth));
  return html`<svg class="bar" width="${width}" height="10" aria-hidden="true"><rect width="${width}" height="10"/></svg>`;
}

/** Lists the settings that differ, of pools, of hosts and of the connection. */
export function settingTable({ pools, hosts, connection }: StackReview): Html | string {
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
  return html`<details class="table"${open}><summary>All ${title}</summary><table><thead><tr>${cells}</tr></thead><tbody>${rows}</tbody></table></details>`;
}
