// Renders rows of cells as a table of plain text. Pure.

/** Pads the cells to columns; the first `leftColumns` are aligned to the left, the others, which are figures, to the right. */
export function renderTable(rows: readonly (readonly string[])[], leftColumns: number): readonly string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const pad = (cell: string, column: number) =>
    column < leftColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}

/** Writes a figure with so many digits after the point; a dash where there is none. */
export function fixed(value: number, digits = 1): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "–";
}
