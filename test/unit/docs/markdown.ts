// What tests read in a Markdown document: its code blocks, headings and links. Pure.

/** One fenced block. */
export interface CodeBlock {
  readonly language: string;
  readonly text: string;
}

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** Lists the fenced blocks of a document. */
export function codeBlocks(document: string): CodeBlock[] {
  return [...document.matchAll(fence)].map(([, language = "", text = ""]) => ({ language, text }));
}

/** Returns a block of a config as it stands before and after a change; a block that shows none has one side. */
export function sidesOf({ language, text }: CodeBlock): string[] {
  if (language !== "diff") return [text];
  const side = (dropped: string) =>
    text
      .split("\n")
      .filter((line) => !line.startsWith(dropped))
      .map((line) => line.slice(1))
      .join("\n");
  return [side("+"), side("-")];
}

const headingLine = /^(#+) (.*)$/gm;

/** Lists the headings as `## Text`, without what stands in code blocks. */
export function headings(document: string): string[] {
  return [...document.replace(fence, "").matchAll(headingLine)].map(([line]) => line);
}

/** Lists what a reader can follow a link to, named as GitHub names it. */
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
