// What went wrong on the way to a server when no answer came. Pure.

// Asking again cannot change these: the server's certificate, or a name that has never been found.
const lasting = /CERT|TLS|SSL|UNABLE_TO/;
const unknownName = "ENOTFOUND";

/** Returns the code of the innermost error, such as `ECONNRESET`; undefined for errors that are no network faults. */
function faultCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  return faultCode(error.cause) ?? (typeof code === "string" ? code : undefined);
}

/**
 * Tells whether a connection was refused, lost, or too slow, so that asking again may work; also, when the server was
 * reached before, whether its name is not found for now.
 */
export function isConnectionFault(error: unknown, wasReached = false): boolean {
  if (error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError")) return true;
  const code = faultCode(error);
  if (code === unknownName) return wasReached;
  return code !== undefined && !lasting.test(code);
}

/** Describes a connection fault in a few words. */
export function describeConnectionFault(error: unknown): string {
  const innermost = innermostError(error);
  return innermost instanceof Error
    ? innermost.message || faultCode(innermost) || innermost.name
    : String(error);
}

function innermostError(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? innermostError(error.cause) : error;
}
