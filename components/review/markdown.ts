// A review as Markdown, for a comment on a pull request: the decision first, then the pools, then all the rest. Pure.

import { count } from "../drain/report.ts";
import type { NodeChange } from "../model/node-change.ts";
import { type Block, spend } from "./budget.ts";
import { escapeMarkdown } from "./markdown-text.ts";
import type { Concern, PoolReview, Review, StackReview } from "./review.ts";
import {
  byHappening,
  concernWords,
  sayAllowing,
  sayChange,
  sayConcern,
  sayHappening,
  sayNumbers,
  sayProof,
  saySetting,
  sayTallies,
  sayTimes,
  verdictWords,
} from "./words.ts";

/** How many concerns of a kind and nodes of a group stand on the first screen. */
const shown = { concerns: 5, nodes: 10, settings: 10 };

/** What GitHub takes as a comment is 65,536; the rest is left to those who put their own text around it. */
export const defaultCharacters = 60_000;

/** Writes the report in at most so many characters. */
export function renderMarkdown(review: Review, characters: number = defaultCharacters): string {
  const { stacks } = review;
  const first = [marker(review), fingerprint(review), ...(stacks.length === 1 ? [] : summary(review))];
  const blocks: Block[] = [
    { head: first, items: stacks.length > 1 ? stacks.map(summaryRow) : [], tail: [] },
    ...stacks.flatMap(stackBlocks),
    { head: ["", "---", ""], items: proof(review), tail: [] },
    ...stacks.flatMap(foldedBlocks),
  ];
  return spend(blocks, characters, (items) => `\n${items} more in review.html and review.json.`);
}

/** By this line a script finds its own comment again: one for each project, or one for each of its stacks. */
export function marker({ project, stacks }: Review): string {
  const [stack] = stacks.length === 1 ? stacks : [];
  const name = stack ? `${project}/${stack.stack}` : project;
  // Names out of a stranger's commit must not end the comment.
  return `<!-- nodepools:review ${name.replaceAll(/[^\w./-]/g, "_")} -->`;
}

/** Changes when what is found changes, not with the time: the comment of the same line need not be touched. */
function fingerprint({ stacks }: Review): string {
  return `<!-- nodepools:content ${stacks.map((stack) => stack.fingerprint).join(" ")} -->`;
}

function summary({ project, stacks }: Review): string[] {
  const title = `## Node pools of ${escapeMarkdown(project)}: ${stacks.length === 0 ? "No change" : `${stacks.length} stacks`}`;
  if (stacks.length === 0) return ["", title, "", "No stack's config differs."];
  return ["", title, "", "| Stack | Verdict | |", "| --- | --- | --- |"];
}

function summaryRow(stack: StackReview): string {
  return `| ${escapeMarkdown(stack.stack)} | ${verdictWords[stack.verdict]} | ${escapeMarkdown(sayNumbers(stack))} |`;
}

function stackBlocks(stack: StackReview): Block[] {
  const title = `## ${verdictWords[stack.verdict]}: node pools of ${escapeMarkdown(stack.stack)}`;
  return [
    { head: ["", title, "", ...numberLines(stack)], items: [], tail: [] },
    ...concernBlocks(stack.concerns),
    ...poolBlock(stack.pools),
    ...settingsBlock(stack),
    ...timesBlock(stack),
  ];
}

/** The change in numbers, and below it what speaks against it. */
function numberLines(stack: StackReview): string[] {
  const tallies = sayTallies(stack).map(escapeMarkdown).join(" · ");
  const change = sayChange(stack).map(escapeMarkdown).join("; ");
  return tallies === ""
    ? [change]
    : [`${change}<br>`, `**${tallies.replace(/^./, (one) => one.toUpperCase())}**`];
}

function concernBlocks(concerns: readonly Concern[]): Block[] {
  return [...Map.groupBy(concerns, ({ kind }) => kind)].map(([kind, group]) => {
    const items = group.slice(0, shown.concerns).map((concern) => `- ${concernText(concern)}`);
    const rest = group.length - shown.concerns;
    return {
      head: ["", `### ${concernWords[kind]}`, ""],
      items,
      tail: rest > 0 ? [`- and ${rest} more, below`] : [],
    };
  });
}

/** What may be copied stands as code, as long as nothing in it could end that. */
function concernText(concern: Concern): string {
  const { text, allow } = concern;
  if (allow === undefined || !/^[\w :{},.%-]+$/.test(allow.yaml)) return escapeMarkdown(sayConcern(concern));
  return `${escapeMarkdown(text)} ${escapeMarkdown(sayAllowing(allow))} \`${allow.yaml}\``;
}

function poolBlock(pools: readonly PoolReview[]): Block[] {
  const changed = pools.filter(isChanged);
  if (changed.length === 0) return [];
  const head = ["", "| Pool | Nodes | What happens |", "| --- | --- | --- |"];
  return [{ head, items: changed.map(poolRow), tail: [] }];
}

function isChanged({ before, after, nodes }: PoolReview): boolean {
  return before !== after || nodes.some(({ happens }) => happens !== "stays");
}

function poolRow({ name, before, after, nodes }: PoolReview): string {
  const size = `${before ?? "–"} → ${after ?? "–"}`;
  const happens = byHappening(nodes).map(([kind, group]) => {
    const says = sayHappening(kind, group.length);
    return kind === "stays" ? says : `${says}: ${escapeMarkdown(nameSome(group))}`;
  });
  return `| ${escapeMarkdown(name)} | ${size} | ${happens.join("; ")} |`;
}

function nameSome(nodes: readonly NodeChange[]): string {
  const names = nodes.map(({ node, formerPool }) => (formerPool ? `${node} (from ${formerPool})` : node));
  const rest = names.length - shown.nodes;
  return names.slice(0, shown.nodes).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

function settingLines({ pools, hosts, connection }: StackReview): string[] {
  const ofPools = pools.flatMap(({ name, settings }) =>
    settings.map((change) => `pool ${name}: ${saySetting(change)}`),
  );
  return [...ofPools, ...hosts.map(saySetting), ...connection.map(saySetting)];
}

function settingsBlock(stack: StackReview): Block[] {
  const lines = settingLines(stack);
  if (lines.length === 0) return [];
  const items = lines.slice(0, shown.settings).map((line) => `- ${escapeMarkdown(line)}`);
  const rest = lines.length - shown.settings;
  return [{ head: ["", "### Settings", ""], items, tail: rest > 0 ? [`- and ${rest} more, below`] : [] }];
}

function timesBlock(stack: StackReview): Block[] {
  const lines = sayTimes(stack);
  if (lines.length === 0) return [];
  const items = lines.slice(0, shown.concerns).map((line) => `- ${escapeMarkdown(line)}`);
  const rest = lines.length - shown.concerns;
  return [
    { head: ["", "### How long", ""], items, tail: rest > 0 ? [`- and ${rest} more in review.html`] : [] },
  ];
}

function proof(review: Review): string[] {
  return sayProof(review).map((line) => `${escapeMarkdown(line)}<br>`);
}

/** Everything that the first screen only counted, one fold for each subject. */
function foldedBlocks(stack: StackReview): Block[] {
  const { stack: name, concerns, pools, facts } = stack;
  const nodes = byHappening(pools.flatMap((pool) => pool.nodes)).flatMap(([happens, group]) =>
    happens === "stays" ? [] : group.map(nodeLine),
  );
  const owners = facts.flatMap((fact) =>
    fact.kind === "moves" ? fact.owners.map(({ owner, pods }) => `${owner}: ${count(pods, "pod")}`) : [],
  );
  const settings = settingLines(stack);
  const uncounted = [...Map.groupBy(concerns, ({ kind }) => kind).values()].flatMap((group) =>
    group.slice(shown.concerns).map((concern) => `${concernWords[concern.kind]}: ${sayConcern(concern)}`),
  );
  const named = concerns.flatMap(({ text, names = [] }) =>
    names.length > 3 ? [`${text}: ${names.join(", ")}`] : [],
  );
  return [
    ...fold(`${name}: all nodes that change`, nodes.length > shown.nodes ? nodes : []),
    ...fold(`${name}: all pods that move, by owner`, owners),
    ...fold(`${name}: all settings`, settings.length > shown.settings ? settings : []),
    ...fold(`${name}: what else to know`, uncounted),
    ...fold(`${name}: everything by name`, named),
  ];
}

function nodeLine({ node, pool, happens, formerPool }: NodeChange): string {
  return `${pool}: ${node} ${happens}${formerPool ? `, from ${formerPool}` : ""}`;
}

function fold(title: string, lines: readonly string[]): Block[] {
  if (lines.length === 0) return [];
  const head = ["", `<details><summary>${escapeMarkdown(title)}</summary>`, ""];
  return [{ head, items: lines.map((line) => `- ${escapeMarkdown(line)}`), tail: ["", "</details>"] }];
}
