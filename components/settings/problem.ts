// One thing wrong with the config: where, and in words for the person who wrote it. Pure.
import { showControls } from "../model/foreign-text.ts";

/** Reports one wrong value at its place in the config. */
export interface Problem {
  readonly path: Path;
  /** Says what was given, what is allowed and what to do; never holds a secret. */
  readonly text: string;
  /** Another place that the text names. */
  readonly other?: Path;
  /** Where the value stands when that is a file beside the config. */
  readonly source?: Source;
}

/** Where a value came from: a file, the line in it, and the path inside it. */
export interface Source {
  /** As the config names it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly field: Path;
}

/** Leads to a value: field names and list positions from the outside in. */
export type Path = readonly PropertyKey[];

/** Either the wanted value or everything that is wrong with the input. */
export type Parsed<Value> =
  | { readonly value: Value; readonly problems?: undefined }
  | { readonly problems: readonly Problem[]; readonly value?: undefined };

const longestShown = 80;

/** Shows a given value in a message, in one short line; long or many-lined text may be a key and is only counted. */
export function show(given: unknown): string {
  if (typeof given === "string") {
    const isShowable = given.length <= longestShown && !given.includes("\n");
    return isShowable ? showControls(JSON.stringify(given)) : `a text of ${given.length} characters`;
  }
  if (typeof given === "number" || typeof given === "boolean") return String(given);
  if (given === null) return "an empty value";
  return Array.isArray(given) ? "a list" : "a map";
}

/** Writes where a problem is: its path in the config, or `hosts.csv:4: address`. */
export function formatPlace({ path, source }: Pick<Problem, "path" | "source">): string {
  if (source === undefined) return formatPath(path);
  const { file, line, field } = source;
  return [`${showControls(file)}:${line}`, ...(field.length > 0 ? [formatPath(field)] : [])].join(": ");
}

/** Writes a path as `pools[0].hosts[2].address`; keys that are no plain words stand in brackets. */
export function formatPath(path: Path): string {
  return path.map(formatSegment).join("").replace(/^\./, "");
}

function formatSegment(segment: PropertyKey): string {
  if (typeof segment === "number") return `[${segment}]`;
  const text = String(segment);
  return /^\w+$/.test(text) && text.length <= longestShown ? `.${text}` : `[${show(text)}]`;
}

/** Returns the known word that a given one begins, or the nearest if it is near enough to be a slip of the keyboard. */
function nearestWord(given: string, known: readonly string[]): string | undefined {
  const longer = known.find((word) => given.length > 3 && word.toLowerCase().startsWith(given.toLowerCase()));
  if (longer !== undefined) return longer;
  const ranked = known
    .map((word) => ({ word, distance: editDistance(given.toLowerCase(), word.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance);
  const nearest = ranked[0];
  return nearest && nearest.distance <= Math.max(1, nearest.word.length / 3) ? nearest.word : undefined;
}

/** Writes ` Did you mean "…"?` for a near miss, or nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const word = nearestWord(given, known);
  return word === undefined ? "" : ` Did you mean "${word}"?`;
}

/** Counts the single-letter changes between two words (Levenshtein); long texts are far from any word. */
function editDistance(given: string, word: string): number {
  if (given.length > longestShown) return longestShown;
  let row = Array.from({ length: word.length + 1 }, (_, at) => at);
  for (const [line, letter] of [...given].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...word].entries()) {
      const substitution = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substitution, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[word.length] ?? 0;
}
