// Counts the requests of a side in the API server's audit log, which holds nobody else's.
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The requests of one run of a side. */
export interface Requests {
  readonly total: number;
  /** By verb and resource, such as `create pods/eviction`. */
  readonly byKind: Readonly<Record<string, number>>;
  /** Answers 429 of the eviction subresource, which are those of budgets. */
  readonly refusedEvictions: number;
  /** All other answers 429. */
  readonly throttled: number;
  /** Answers 5xx. */
  readonly serverErrors: number;
  readonly userAgents: readonly string[];
  /** When the first request came and when the first eviction did, in milliseconds since 1970. */
  readonly firstAt: number;
  readonly firstEvictionAt: number;
  /** When the last answer was complete, watches apart, which end with their process. */
  readonly lastAt: number;
}

interface AuditEvent {
  readonly auditID: string;
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

// Watches are written down when their connection has ended, which is after the process has.
const settleMs = 1000;

/** Returns the log's size, from where {@link readRequests} reads. */
export function markAuditLog(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

/** Reads the requests since the mark. */
export async function readRequests(path: string, mark: number): Promise<Requests> {
  await sleep(settleMs);
  return summarize(readFrom(path, mark));
}

function readFrom(path: string, mark: number): string {
  const text = Buffer.alloc(statSync(path).size - mark);
  const file = openSync(path, "r");
  try {
    readSync(file, text, 0, text.length, mark);
  } finally {
    closeSync(file);
  }
  return text.toString("utf8");
}

/** Sums up the lines of an audit log: a request with several stages, as a watch has, is one request. Pure. */
export function summarize(log: string): Requests {
  const events = log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AuditEvent);
  const requests = [...new Map(events.map((event) => [event.auditID, event])).values()];
  const received = requests.map((event) => Date.parse(event.requestReceivedTimestamp));
  const evictions = requests.filter((event) => kindOf(event) === evictionKind);
  const answered = events.filter((event) => event.stage === "ResponseComplete" && event.verb !== "watch");
  const count = (matches: (event: AuditEvent) => boolean) => requests.filter(matches).length;
  return {
    total: requests.length,
    byKind: countByKind(requests),
    refusedEvictions: count((event) => codeOf(event) === 429 && kindOf(event) === evictionKind),
    throttled: count((event) => codeOf(event) === 429 && kindOf(event) !== evictionKind),
    serverErrors: count((event) => codeOf(event) >= 500),
    userAgents: [...new Set(requests.map(({ userAgent }) => userAgent ?? "none"))].sort(),
    firstAt: Math.min(...received),
    firstEvictionAt: Math.min(...evictions.map((event) => Date.parse(event.requestReceivedTimestamp))),
    lastAt: Math.max(...answered.map((event) => Date.parse(event.stageTimestamp))),
  };
}

const evictionKind = "create pods/eviction";

function codeOf(event: AuditEvent): number {
  return event.responseStatus?.code ?? 0;
}

function kindOf({ verb, objectRef, requestURI }: AuditEvent): string {
  if (objectRef?.resource === undefined) return `${verb} ${requestURI.split("?")[0]}`;
  const { resource, subresource } = objectRef;
  return `${verb} ${subresource === undefined ? resource : `${resource}/${subresource}`}`;
}

function countByKind(requests: readonly AuditEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of requests.map(kindOf).sort()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
