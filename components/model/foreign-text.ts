// What hosts, kubelets, the API server and people's annotations say, as it may stand in a message: no character of it
// moves a terminal's cursor, forges a line or hides (CVE-2021-25743 was that fault in kubectl), and its length is bounded.
// Where such text is read it becomes one line (`oneLine`: kube/as-told.ts, kubeadm/findings.ts, model/node-marks.ts,
// ssh/); where a message leaves for Pulumi, what slipped through is shown as it is (`showControls`). Pure.

// Control characters, half surrogate pairs, separators of lines, and what a screen does not show: marks that reorder
// text, blanks without width. Newline and tab are left to the callers.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** Most text is plain, and this question is the cheaper one. */
const plain = /^[\n\t\x20-\x7e]*$/;

/** How much of a value that should be one line is shown, in characters. */
const lineLimit = 300;

/** How many values of a list are kept, where a host or a cluster decides how many there are. */
export const listLimit = 100;

/** How many characters a cut value may be longer: room for what says how long it was. */
const room = 30;

/** Shows control characters as `\x1b` or `\u202e`; lines stay lines. */
export function showControls(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unseen, (character) => {
    if (character === "\n" || character === "\t") return character;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${code.toString(16)}` : `\\u{${code.toString(16)}}`;
  });
}

/** Shows a value that should be one line as one line of bounded length; what it returns, it returns again unchanged. */
export function oneLine(text: string, limit: number = lineLimit): string {
  const shown = showControls(
    cut(text, limit + room + 1)
      .replaceAll("\n", "\\n")
      .replaceAll("\t", "\\t"),
  );
  if (text.length <= limit + room && shown.length <= limit + room) return shown;
  return `${cut(shown, limit)}… (${text.length} characters)`;
}

/** Stands between the lines of others in a message: none of them can be taken for a line of ours. */
export const nextLine = "\n  | ";

/** Returns the last lines of a text, each as bounded as any line; none of a text without any. */
export function lastLines(text: string, count: number): string[] {
  // The end of a flood is enough: splitting all of it would take time for nothing.
  const end = text.slice(-count * lineLimit * 4).trim();
  if (end === "") return [];
  return end
    .split("\n")
    .slice(-count)
    .map((line) => oneLine(line));
}

const messageLimit = 20_000;

/** Shows a whole message with its lines, bounded once more as a whole. */
export function wholeMessage(text: string): string {
  const shown = showControls(text);
  if (shown.length <= messageLimit) return shown;
  return `${cut(shown, messageLimit)}… (${shown.length} characters)`;
}

/** Cuts at a whole character: half a surrogate pair is none. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const isHalved = /[\ud800-\udbff]/.test(text.charAt(limit - 1));
  return text.slice(0, isHalved ? limit - 1 : limit);
}
