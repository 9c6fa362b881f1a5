// How a report keeps within what a platform takes: whole lines, spent from the top, so that what is cut is the least. Pure.

/** A part of a report that is shown with as many of its items as there is room for, or not at all. */
export interface Block {
  readonly head: readonly string[];
  readonly items: readonly string[];
  /** Closes what the head opens. */
  readonly tail: readonly string[];
}

/** Says where to find items that are not shown. */
export type More = (items: number) => string;

/** Writes blocks one after the other within so many characters (UTF-16 units, as the platforms count). */
export function spend(blocks: readonly Block[], characters: number, more: More): string {
  const total = blocks.reduce((sum, { items }) => sum + items.length, 0);
  // The longest that it can become: what it says depends on what is cut.
  let left = characters - length([more(total)]);
  const lines: string[] = [];
  let unseen = 0;
  let isFull = false;
  for (const { head, items, tail } of blocks) {
    left -= length([...head, ...tail]);
    // What comes after a cut would stand under the wrong heading.
    isFull ||= left < 0;
    const shown: number = isFull ? 0 : countFitting(items, left);
    if (!isFull) lines.push(...head, ...items.slice(0, shown), ...tail);
    left -= length(items.slice(0, shown));
    unseen += items.length - shown;
    isFull ||= shown < items.length;
  }
  if (unseen > 0) lines.push(more(unseen));
  return lines.map((line) => `${line}\n`).join("");
}

function countFitting(items: readonly string[], characters: number): number {
  let left = characters;
  const end = items.findIndex((item) => {
    left -= item.length + 1;
    return left < 0;
  });
  return end === -1 ? items.length : end;
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
