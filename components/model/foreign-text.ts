// What hosts, kubelets, the API server and people's annotations say, as it may stand in a message: no character of it
// moves a terminal's cursor or forges a line (CVE-2021-25743 was that fault in kubectl), and its length is bounded. Pure.

// C0 and C1 control characters and DEL; the marks that reorder text on a screen; the separators that some viewers break
// lines at. Newline and tab are left to the callers.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** How much of a value that should be one line is shown, in characters. */
const lineLimit = 300;

/** Shows control characters as `\x1b` or `\u202e`; lines stay lines. */
export function showControls(text: string): string {
  return text.replace(controls, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** Shows a value that should be one line as one line of bounded length. */
export function oneLine(text: string, limit: number = lineLimit): string {
  const shown = showControls(cut(text, limit).replaceAll("\n", "\\n").replaceAll("\t", "\\t"));
  return text.length > limit ? `${shown}… (${text.length - limit} more characters)` : shown;
}

/** Shows the last lines of a text, each as bounded as any line. */
export function lastLines(text: string, count: number): string {
  // The end of a flood is enough: splitting all of it would take time for nothing.
  const end = text.slice(-count * lineLimit * 4).trim();
  return end
    .split("\n")
    .slice(-count)
    .map((line) => oneLine(line))
    .join("\n");
}

/** Cuts at a whole character: half a surrogate pair is none. */
function cut(text: string, limit: number): string {
  const isHalved = /[\ud800-\udbff]/.test(text.charAt(limit - 1));
  return text.slice(0, isHalved ? limit - 1 : limit);
}
