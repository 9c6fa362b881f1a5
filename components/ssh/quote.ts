// Quoting for a POSIX shell. Pure.

/** Quotes any text without NUL characters as one word of a POSIX shell. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
