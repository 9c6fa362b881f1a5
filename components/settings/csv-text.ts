// Comma-separated values as spreadsheets write them (RFC 4180): records of cells, each with the line that it begins at. Pure.

/** One line of a table; a quoted cell may run over several lines of the text. */
export interface CsvRecord {
  /** From 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Holds the records of a text, or why it has none. */
export type CsvText =
  | { readonly records: readonly CsvRecord[]; readonly fault?: undefined }
  | { readonly fault: string };

// A cell with what ends it: in quotes, in which a quote is doubled, or up to the next comma or line break.
const cell = /[ \t]*(?:"([^"]*(?:""[^"]*)*)"[ \t]*|([^", \t\r\n][^,\r\n]*)?)(,|\r\n|\n|\r|$)/y;

/** Reads a table; blanks around cells do not count, nor do lines without any text. */
export function readCsv(text: string): CsvText {
  const records: CsvRecord[] = [];
  let cells: string[] = [];
  let [line, begun, at] = [1, 1, 0];
  while (at < text.length || cells.length > 0) {
    cell.lastIndex = at;
    const [whole, quoted, plain = "", end] = cell.exec(text) ?? [];
    if (whole === undefined)
      return { fault: `line ${line} has a quote that does not end a cell: double each quote that is text` };
    cells.push((quoted?.replaceAll('""', '"') ?? plain).trim());
    at = cell.lastIndex;
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ",") continue;
    if (cells.some((text) => text !== "")) records.push({ line: begun, cells });
    [cells, begun] = [[], line];
  }
  return { records };
}
