// What the API server answers, as the rest of the program takes it: its texts are those of kubelets, controllers and
// tenants, and most of them end up in a message. Pure.
import { isDeleteHook } from "../model/delete-hooks.ts";
import { oneLine } from "../model/foreign-text.ts";

/** Length of the longest text that is kept whole, in characters: a webhook's reason has several sentences. */
const textLimit = 1000;

// Read as documents, compared with what is declared, or handed back to the server as they are. Of annotations only the
// program's own are shown (model/node-marks.ts).
const asTheyAre = new Set(["annotations", "data", "binaryData", "stringData", "_continue"]);

/**
 * Makes one bounded line of every text in an answer, in place, and drops who wrote which field when, which would be kept
 * for all pods of a cluster: it is told of annotations alone that hold a removal up. What is sent back to the server
 * (names, taints, labels) is checked by it to be shorter and plain.
 */
export function asTold<T>(answer: T): T {
  return told(answer) as T;
}

function told(value: unknown): unknown {
  if (typeof value === "string") return oneLine(value, textLimit);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const fields = value as Record<string, unknown>;
  if (!holdsRemoval(fields)) delete fields.managedFields;
  for (const [name, field] of Object.entries(fields)) {
    if (field === undefined || asTheyAre.has(name)) continue;
    const shown = told(field);
    if (shown !== field) fields[name] = shown;
  }
  return value;
}

function holdsRemoval({ annotations }: Record<string, unknown>): boolean {
  if (typeof annotations !== "object" || annotations === null) return false;
  return Object.keys(annotations).some(
    (key) => isDeleteHook(key, "pre-drain") || isDeleteHook(key, "pre-terminate"),
  );
}

/** Makes one bounded line of the words of a failure. */
export function failureText(text: string): string {
  return oneLine(text, textLimit);
}
