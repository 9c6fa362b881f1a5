// The text of anything that was thrown. Pure.

/** Returns an error's message, or the thrown value as text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
