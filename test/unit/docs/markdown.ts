// What tests read in a Markdown document: its code blocks, headings and links. Pure.

/** One fenced block. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
  /** Line of the document at which it begins. */
  readonly line: number;
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** Lists the fenced blocks of a document. */
export function codeBlocks(document: string): CodeBlock[] {
  return [...document.matchAll(fence)].map(({ 1: language = "", 2: text = "", index }) => ({
    language,
    text,
    line: document.slice(0, index).split("\n").length,
  }));
}

/** Returns what a block shows as it is before and after a change; a block that shows no change has one side. */
export function sidesOf({ language, text }: Pick<CodeBlock, "language" | "text">): string[] {
  return language === "diff" ? [sideWithout("+", text), sideWithout("-", text)] : [text];
}

function sideWithout(dropped: string, text: string): string {
  const kept = text.split("\n").filter((line) => !line.startsWith(dropped));
  return kept.map((line) => line.slice(1)).join("\n");
}

/** Lists the headings as `## Text`, without what stands in code blocks. */
export function headings(document: string): string[] {
  return [...document.replace(fence, "").matchAll(/^#+ .*$/gm)].map(([line]) => line);
}

/** Lists what links within a document may name, as GitHub derives it from the headings. */
export function anchors(document: string): string[] {
  return headings(document).map((heading) =>
    heading
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
}

/** Lists the targets of the links. */
export function links(document: string): string[] {
  return [...document.replace(fence, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}
