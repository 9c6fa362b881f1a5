// Errors as the user is to see them: once, on the resource's own row, without a stack trace.
// Bet: the dynamic provider prints an error of check, diff, read and delete by `console.error` of a text that begins with
// the error's own `toString()` (cmd/dynamic-provider). The process serves other people's dynamic resources as well: only
// errors that were marked here are left out.

const mark = "\0told on the resource's own row";

/**
 * Keeps expected errors from being printed a second time, with a stack trace, under the stack. Bugs keep theirs.
 * `asShown` makes of each message what the user may see.
 */
export function withQuietErrors<Calls extends Record<string, (...args: never[]) => Promise<unknown>>>(
  calls: Calls,
  asShown: (message: string) => string = (message) => message,
): Calls {
  const quiet = Object.entries(calls).map(([name, call]) => [
    name,
    (...args: never[]) => call(...args).catch((error: unknown) => rethrowQuietly(error, asShown)),
  ]);
  return Object.fromEntries(quiet) as Calls;
}

function rethrowQuietly(error: unknown, asShown: (message: string) => string): never {
  if (error instanceof Error) {
    error.message = asShown(error.message);
    // That of a bug is printed, and begins with the message as it was.
    if (error.stack !== undefined) error.stack = asShown(error.stack);
  }
  const isBug = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  if (error instanceof Error && !isBug)
    Object.defineProperty(error, "toString", { value: () => mark, configurable: true });
  throw error;
}

const print = console.error;
console.error = (...words: unknown[]) => {
  if (typeof words[0] === "string" && words[0].startsWith(mark)) return;
  print(...words);
};
