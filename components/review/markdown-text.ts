// Foreign text in Markdown: what the cluster, hosts and strangers' configs say stands there as it is, whatever it is. Pure.
import { oneLine } from "../model/foreign-text.ts";

const longest = 600;
const noWidth = "\u200b";

// Mentions, issues, labels, addresses and emoji are found after entities are decoded: only another character helps.
const references = /[@#!~%$&^](?=\w)|:(?=\/\/|[\w+-]+:)|\bwww(?=\.)/gi;
const markup = /[&<>"'\\`*_{}[\]#!|~$^]|^[-+=:]|^\d+(?=[.)])/g;

/**
 * Writes a text so that Markdown and the HTML in it show it letter for letter, in one line: no emphasis, link, table
 * cell, tag or comment begins or ends in it, nobody is mentioned and no issue is linked.
 */
export function escapeMarkdown(text: string): string {
  return oneLine(text.trim(), longest)
    .replace(references, (found) => found + noWidth)
    .replace(markup, (found) => [...found].map((character) => `&#${character.codePointAt(0)};`).join(""));
}
