// Hosts as a table: the columns that it may have, and how a row becomes a host as YAML would have it. Pure.
import { type CsvRecord, readCsv } from "./csv-text.ts";
import { didYouMean, type Path, show } from "./problem.ts";
import type { Unvalidated } from "./raw-config.ts";

/** Holds the hosts of a table, or why it has none. */
export type HostTable =
  | {
      readonly hosts: readonly unknown[];
      /** Returns the line of the host that a path begins with. */
      readonly lineOf: (path: Path) => number;
      readonly fault?: undefined;
    }
  | { readonly fault: string };

const textColumns = [
  "name",
  "address",
  "hostKey",
  "user",
  "state",
  "criSocket",
  "rebootTrigger",
  "rejoinTrigger",
] as const;

/** Columns of a single value each. */
export const hostColumns = [...textColumns, "port", "taints"] as const;

const mapColumn = /^(labels|annotations)\.(.+)$/;
const allowed = `${hostColumns.join(", ")}, labels.<key>, annotations.<key>`;

/** Reads a table with a header; an empty cell is a field that is not given. */
export function readHostTable(text: string): HostTable {
  const table = readCsv(text);
  if (table.fault !== undefined) return table;
  const [header, ...rows] = table.records;
  if (header === undefined) return { fault: `is empty. Its first line names the columns: ${allowed}` };
  const fault = headerFault(header.cells) ?? rowFault(header.cells.length, rows);
  if (fault !== undefined) return { fault };
  return {
    hosts: rows.map(({ cells }) => hostOf(header.cells, cells)),
    lineOf: ([at]) => (typeof at === "number" ? rows[at] : undefined)?.line ?? header.line,
  };
}

function headerFault(columns: readonly string[]): string | undefined {
  const [only = "", ...others] = columns;
  if (others.length === 0 && /[;\t|]/.test(only))
    return "has one column: cells are separated by commas, and no other character";
  const repeated = columns.find((column, at) => columns.indexOf(column) !== at);
  if (repeated !== undefined) return `has the column ${show(repeated)} twice`;
  const isKnown = (column: string) => hostColumns.some((known) => known === column) || mapColumn.test(column);
  const unknown = columns.find((column) => !isKnown(column));
  if (unknown !== undefined)
    return `has the column ${show(unknown)}, which nobody reads.${didYouMean(unknown, hostColumns)} Allowed: ${allowed}; other fields need a file in YAML`;
  const missing = ["name", "address"].find((column) => !columns.includes(column));
  return missing && `has no column "${missing}". Its first line names the columns: ${allowed}`;
}

function rowFault(columns: number, rows: readonly CsvRecord[]): string | undefined {
  const uneven = rows.find(({ cells }) => cells.length !== columns);
  return uneven && `line ${uneven.line}: ${uneven.cells.length} cells, and the header has ${columns} columns`;
}

function hostOf(columns: readonly string[], cells: readonly string[]): Unvalidated {
  const given = columns.flatMap((column, at) => (cells[at] ? [[column, cells[at]] as const] : []));
  const fields = given.filter(([column]) => !mapColumn.test(column));
  const mapOf = (name: string) =>
    given.flatMap(([column, value]) => {
      const [, map, key] = mapColumn.exec(column) ?? [];
      return map === name && key !== undefined ? [[key, value] as const] : [];
    });
  const maps = ["labels", "annotations"].map((name) => [name, mapOf(name)] as const);
  return Object.fromEntries([
    ...fields.map(([column, value]) => [column, fieldOf(column, value)]),
    ...maps.flatMap(([name, entries]) => (entries.length > 0 ? [[name, Object.fromEntries(entries)]] : [])),
  ]);
}

/** A value that is none of its kind stays text, for the schema to refuse. */
function fieldOf(column: string, value: string): unknown {
  if (column === "port" && /^\d{1,6}$/.test(value)) return Number(value);
  return column === "taints" ? value.split(/[\s;]+/).map(taintOf) : value;
}

/** Reads a taint as kubectl takes it: `key=value:Effect` or `key:Effect`. */
export function taintOf(text: string): unknown {
  const [, key, value, effect] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? [];
  if (key === undefined) return text;
  return { key, ...(value && { value }), effect };
}
