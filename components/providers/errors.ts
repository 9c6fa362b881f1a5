// Errors on their way to the engine: the text of anything that was thrown, and the failure that keeps a resource.
import { wholeMessage } from "../model/foreign-text.ts";

/** Returns an error's message, or the thrown value as text. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Tells Pulumi that a resource exists but is not ready, so that the next `up` goes on with it. `properties` must be
 * complete and include `__provider`, otherwise Pulumi can neither read nor delete the resource later (pulumi's
 * cmd/dynamic-provider).
 */
export class InitializationError extends Error {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly reasons: readonly string[];

  constructor(id: string, properties: object, reasons: readonly string[]) {
    super(reasons.join("; "));
    this.name = "InitializationError";
    this.id = id;
    this.properties = { ...properties };
    this.reasons = reasons.map(wholeMessage);
  }
}
