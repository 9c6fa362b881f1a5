// What the audit log's lines count for.
import { describe, expect, it } from "vitest";
import { summarize } from "../../bench/audit-log.ts";

interface Line {
  readonly id: string;
  readonly verb?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly code?: number;
  readonly stage?: string;
  readonly received?: number;
  readonly answered?: number;
}

const start = Date.parse("2026-01-01T00:00:00.000Z");
const at = (second: number) => new Date(start + second * 1000).toISOString();

function log(...lines: readonly Line[]): string {
  const events = lines.map((line) => ({
    auditID: line.id,
    stage: line.stage ?? "ResponseComplete",
    verb: line.verb ?? "get",
    requestURI: "/version?timeout=1s",
    userAgent: "kubectl",
    ...(line.resource && { objectRef: { resource: line.resource, subresource: line.subresource } }),
    responseStatus: { code: line.code ?? 200 },
    requestReceivedTimestamp: at(line.received ?? 0),
    stageTimestamp: at(line.answered ?? line.received ?? 0),
  }));
  return `${events.map((event) => JSON.stringify(event)).join("\n")}\n`;
}

const eviction = { verb: "create", resource: "pods", subresource: "eviction" };

describe("requests in the audit log", () => {
  it("are counted once each, however many stages they have, and by kind", () => {
    const { total, byKind } = summarize(
      log(
        { id: "1", verb: "watch", resource: "pods", stage: "ResponseStarted" },
        { id: "1", verb: "watch", resource: "pods" },
        { id: "2", ...eviction },
        { id: "3", ...eviction },
        { id: "4" },
      ),
    );
    expect(total).toBe(4);
    expect(byKind).toEqual({ "create pods/eviction": 2, "get /version": 1, "watch pods": 1 });
  });

  it("that a budget refuses are told from those that the server is too busy for", () => {
    const requests = summarize(
      log(
        { id: "1", ...eviction, code: 429 },
        { id: "2", ...eviction, code: 201 },
        { id: "3", resource: "pods", code: 429 },
        { id: "4", resource: "pods", code: 429 },
        { id: "5", resource: "pods", code: 503 },
      ),
    );
    expect([requests.refusedEvictions, requests.throttled, requests.serverErrors]).toEqual([1, 2, 1]);
  });

  it("give the times of the first, of the first eviction and of the last answer, watches apart", () => {
    const requests = summarize(
      log(
        { id: "1", received: 1, answered: 2 },
        { id: "2", ...eviction, received: 5, answered: 6 },
        { id: "3", ...eviction, received: 7, answered: 9 },
        { id: "4", verb: "watch", resource: "pods", received: 3, answered: 30 },
      ),
    );
    const seconds = [requests.firstAt, requests.firstEvictionAt, requests.lastAt].map(
      (ms) => (ms - start) / 1000,
    );
    expect(seconds).toEqual([1, 5, 9]);
  });
});
