// By what a review is known: the same for the same findings, whenever they were made, and another one when the file was
// changed since. Pure.
import { createHash } from "node:crypto";

/** Returns the fingerprint of what was found about one stack; what only tells when and how it was found is no part of it. */
export function fingerprintOf(findings: object): string {
  const { notes: _, verdict: __, fingerprint: ___, ...found } = findings as Record<string, unknown>;
  return createHash("sha256").update(JSON.stringify(found)).digest("hex").slice(0, 16);
}
