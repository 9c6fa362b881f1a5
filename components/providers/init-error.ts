// The error that keeps a resource in state although it is not finished, so that the next `up` goes on with it.
import { showControls } from "../model/foreign-text.ts";

/**
 * Tells Pulumi that a resource exists but is not ready. `properties` must be complete and include `__provider`,
 * otherwise Pulumi can neither read nor delete the resource later (pulumi's cmd/dynamic-provider).
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
    this.reasons = reasons.map(showControls);
  }
}
