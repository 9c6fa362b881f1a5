// HTML out of text: what is not written by this program is never markup. Pure.
import { oneLine } from "../../model/foreign-text.ts";

/** Markup that may stand in a page as it is. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand in a template: markup, text that becomes some, or several of them. */
export type Part = Html | string | number | readonly Part[];

const longest = 2000;
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Fills a template; texts are escaped, for elements and for quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, at) => (at === 0 ? "" : render(parts[at - 1] ?? "")) + text).join(""));
}

function render(part: Part): string {
  if (part instanceof Html) return part.markup;
  if (typeof part === "string")
    return oneLine(part, longest).replace(/[&<>"']/g, (character) => entities[character] ?? "");
  return typeof part === "number" ? String(part) : part.map(render).join("");
}
