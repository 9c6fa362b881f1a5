// Which of the closed set of eviction answers an HTTP answer is. Pure.
// Reference: kubernetes pkg/registry/core/pod/storage/eviction.go.
import type { BudgetRefusal, EvictionAnswer } from "./api.ts";
import { readStatus, type StatusBody } from "./status-body.ts";

// The server gives these two no reason or cause, so that their text is the only mark they carry.
const ambiguousText = /more than one PodDisruptionBudget/;
const webhookText = /^admission webhook "[^"]+" denied the request/;

/** Names the answer that a status, a body and a Retry-After header (in seconds) stand for. */
export function classifyEvictionAnswer(status: number, body: unknown, retryAfter?: number): EvictionAnswer {
  if (status >= 200 && status < 300) return { kind: "evicted" };
  const details = readStatus(status, body);
  const wait = retryAfter ?? details.retryAfterSeconds;
  // First of all, because a webhook chooses its own code, even 404 (kured#1269, AKS#4720).
  if (webhookText.test(details.text)) return transient(details.text, wait);
  if (status === 404 || status === 409) return { kind: "gone" };
  if (status === 429) return classifyTooManyRequests(details, wait);
  if (status === 403) return classifyForbidden(details);
  if (status === 500 && ambiguousText.test(details.text)) return { kind: "ambiguous", text: details.text };
  if (status >= 500 || status === 408) return transient(details.text, wait);
  return { kind: "refused", text: details.text };
}

function transient(text: string, retryAfterSeconds: number | undefined): EvictionAnswer {
  return { kind: "transient", text, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

function blocked(budgets: readonly BudgetRefusal[], retryAfterSeconds: number | undefined): EvictionAnswer {
  return { kind: "blocked", budgets, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** Tells a budget's refusal from the overload protection of the server, which has no such cause (kubernetes#106286). */
function classifyTooManyRequests(details: StatusBody, wait: number | undefined): EvictionAnswer {
  const budgets = details.causes.filter((cause) => cause.reason === "DisruptionBudget");
  if (budgets.length === 0) return transient(details.text, wait);
  return blocked(
    budgets.map((cause) => ({ text: cause.message || details.text })),
    wait,
  );
}

function classifyForbidden(details: StatusBody): EvictionAnswer {
  if (details.causes.some((cause) => cause.reason === "NamespaceTerminating"))
    return { kind: "namespace-terminating" };
  // A budget with a negative allowance or too many unprocessed disruptions: its controller will catch up.
  if (details.kind === "poddisruptionbudget") return blocked([{ text: details.text }], undefined);
  return { kind: "refused", text: details.text };
}
