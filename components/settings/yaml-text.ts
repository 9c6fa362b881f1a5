// YAML that people write and strangers send: its values, and at which line each stands. Pure.
import { isNode, LineCounter, type Node, parseDocument } from "yaml";
import type { Path } from "./problem.ts";

/** Holds what a text says, or why it says nothing. */
export type YamlText =
  | {
      readonly value: unknown;
      /** Returns the line, from 1, of the value that a path leads to, or of what is nearest above it. */
      readonly lineOf: (path: Path) => number;
      readonly fault?: undefined;
    }
  | { readonly fault: string };

// Aliases that unfold into more than this are an attack on memory, not a config.
const aliasLimit = 1000;

/** Reads one YAML document, of which JSON is a kind; faults never quote it. */
export function readYaml(text: string): YamlText {
  const lineCounter = new LineCounter();
  // Its own messages quote the text, which may hold a password that should have been encrypted.
  const document = parseDocument(text, { merge: true, prettyErrors: false, lineCounter });
  const [error] = document.errors;
  if (error) return { fault: `line ${lineCounter.linePos(error.pos[0]).line} is not YAML (${error.code})` };
  const lineOf = (path: Path) => {
    const start = nearest(document.contents, path)?.range?.[0] ?? 0;
    return lineCounter.linePos(start).line;
  };
  try {
    return { value: document.toJS({ maxAliasCount: aliasLimit }), lineOf };
  } catch {
    return { fault: "its aliases do not resolve, or unfold into too much" };
  }
}

/** Finds the value at a path, or the deepest above it that is written down: what an alias stands for is elsewhere. */
function nearest(contents: Node | null, path: Path): Node | null {
  let found = contents;
  for (const segment of path) {
    const inside: unknown =
      found !== null && "get" in found && typeof found.get === "function"
        ? found.get(segment, true)
        : undefined;
    if (!isNode(inside)) return found;
    found = inside;
  }
  return found;
}
