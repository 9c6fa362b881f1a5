// Why nothing was imported. Pure.

/** Says in one sentence what was wrong and what to do; nothing is written then. */
export class ImportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ImportError";
  }
}
