// What the API server answers, as the rest of the program takes it: its texts are those of kubelets, controllers and
// tenants, and most of them end up in a message. Pure.
import { oneLine } from "../model/foreign-text.ts";

/** Length of the longest text that is kept whole, in characters: a webhook's reason has several sentences. */
const textLimit = 1000;

// Read as documents, compared with what is declared, or handed back to the server as they are. Of annotations only the
// program's own are shown (model/node-marks.ts).
const asTheyAre = new Set(["annotations", "data", "binaryData", "stringData", "_continue"]);

/**
 * Makes one bounded line of every text in an answer, in place, and drops who wrote which field when: nobody here reads
 * that, and it is kept for all pods of a cluster. What is sent back to the server (names, taints, labels) is checked by
 * it to be shorter and plain.
 */
export function asTold<T>(answer: T): T {
  return told(answer) as T;
}

function told(value: unknown): unknown {
  if (typeof value === "string") return oneLine(value, textLimit);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const fields = value as Record<string, unknown>;
  delete fields.managedFields;
  for (const [name, field] of Object.entries(fields)) {
    if (field === undefined || asTheyAre.has(name)) continue;
    const shown = told(field);
    if (shown !== field) fields[name] = shown;
  }
  return value;
}

/** Makes one bounded line of the words of a failure. */
export function failureText(text: string): string {
  return oneLine(text, textLimit);
}
