// Reads the Status object that the API server sends with a failure. Pure.
import { oneLine } from "../model/foreign-text.ts";
import { asTold } from "./as-told.ts";

/** Holds what a Status says, with text for the answers that are no Status at all. */
export interface StatusBody {
  readonly reason?: string;
  /** Resource kind in the details, such as `pods`. */
  readonly kind?: string;
  readonly text: string;
  readonly causes: readonly { readonly reason?: string; readonly message?: string }[];
  readonly retryAfterSeconds?: number;
}

interface RawStatus {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
    readonly retryAfterSeconds?: number;
  };
}

/** Reads a failure's body, given as JSON text or already parsed. */
export function readStatus(status: number, body: unknown): StatusBody {
  const raw = asTold(parse(body));
  const seconds = raw.details?.retryAfterSeconds;
  return {
    ...(raw.reason && { reason: raw.reason }),
    ...(raw.details?.kind && { kind: raw.details.kind }),
    text: raw.message || `the server answered ${status} without an explanation`,
    causes: raw.details?.causes ?? [],
    ...(seconds && { retryAfterSeconds: seconds }),
  };
}

function parse(body: unknown): RawStatus {
  if (typeof body === "object" && body !== null) return body as RawStatus;
  if (typeof body !== "string") return {};
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return { message: pageText(body) };
  }
}

/** A proxy or an overloaded server answers in plain text, of which the first line is enough, or with a page. */
function pageText(body: string): string {
  if (!/^\s*</.test(body)) return oneLine(body.trim().split("\n", 1)[0] ?? "", 200);
  const title = /<title>([^<]*)</i.exec(body)?.[1]?.trim();
  return `a page of HTML, as proxies and login services send it, answers in place of the API server${title ? `: "${oneLine(title, 200)}"` : ""}`;
}
