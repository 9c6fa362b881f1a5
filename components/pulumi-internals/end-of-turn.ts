// Bet: Pulumi runs a program's modules without a macrotask in between, unless the program awaits something, so that
// what one turn of the event loop declares is complete when the next begins.

/** Resolves when the present turn of the event loop has ended. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
