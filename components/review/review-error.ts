// Why no review could be made. Pure.

/** Says in one sentence what was wrong with the request and what to do; no report is written then. */
export class ReviewError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ReviewError";
  }
}
