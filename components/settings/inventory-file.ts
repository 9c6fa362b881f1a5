// One inventory file: a list of hosts or of pools, and at which line each of its values stands. Pure.
import type { FileText } from "./environment.ts";
import { readHostTable } from "./host-table.ts";
import type { Path } from "./problem.ts";
import { isMap } from "./raw-config.ts";
import { readYaml } from "./yaml-text.ts";

/** Holds the list of a file, or why it has none, in words that follow the file's name. */
export type InventoryFile =
  | {
      readonly list: readonly unknown[];
      readonly lineOf: (path: Path) => number;
      readonly fault?: undefined;
    }
  | { readonly fault: string };

/** What a file is a list of. */
export type Listed = "hosts" | "pools";

/** How large a file may be, in bytes. */
export const largestInventory = 8 * 1024 * 1024;

/** Says of a file that it is too large. */
export const tooLarge = `is larger than ${largestInventory / 1024 / 1024} MiB, which no list of hosts is`;

/** Says why the name of a file is none, in words that follow it; only what is in the repository can be reviewed. */
export function pathFault(path: string, what: Listed): string | undefined {
  if (/^([/~\\]|[A-Za-z]:)/.test(path))
    return "is not relative to the project's folder: what is outside of the repository, no review can show";
  if (/\.csv$/i.test(path))
    return what === "pools"
      ? "is CSV, and pools are written in YAML; hosts of one pool may be CSV"
      : undefined;
  return /\.(ya?ml|json)$/i.test(path)
    ? undefined
    : `is of no kind that is read; allowed: .yaml, .yml, .json${what === "hosts" ? ", .csv" : ""}`;
}

/** Reads the text of a file. */
export function readInventoryText(path: string, { text, fault }: FileText, what: Listed): InventoryFile {
  if (text === undefined) return { fault: fault ?? "is not in the repository" };
  if (text.length > largestInventory) return { fault: tooLarge };
  // What is no UTF-8 was read as U+FFFD.
  const unreadable = /[\0\ufffd]/.exec(text);
  if (unreadable) {
    const line = text.slice(0, unreadable.index).split("\n").length;
    return { fault: `line ${line} is not text in UTF-8. Save the file as UTF-8` };
  }
  const content = text.replace(/^\ufeff/, "");
  if (/\.csv$/i.test(path)) {
    const table = readHostTable(content);
    return table.fault === undefined ? { list: table.hosts, lineOf: table.lineOf } : table;
  }
  return readList(content, what);
}

function readList(text: string, what: Listed): InventoryFile {
  const yaml = readYaml(text);
  if (yaml.fault !== undefined) return yaml;
  const { value, lineOf } = yaml;
  if (Array.isArray(value)) {
    const secret = findSecret(value, []);
    return secret
      ? {
          fault: `line ${lineOf(secret)} is encrypted, and Pulumi decrypts only what is in the stack's config; ${what} hold no secrets`,
        }
      : { list: value, lineOf };
  }
  if (value === null || value === undefined)
    return { fault: `is empty. Give a list of ${what}; [] is one without any` };
  const hint = isMap(value) && what in value ? `: leave out the line "${what}:" and its indentation` : "";
  return { fault: `holds no list of ${what}${hint}` };
}

function findSecret(value: unknown, path: Path): Path | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  if (!Array.isArray(value) && entries.length === 1 && entries[0]?.[0] === "secure") return path;
  for (const [key, field] of entries) {
    // "secure" is a label's key as good as any.
    if (key === "labels" || key === "annotations") continue;
    const found = findSecret(field, [...path, key]);
    if (found) return found;
  }
  return undefined;
}
