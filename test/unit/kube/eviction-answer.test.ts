// The closed set of answers to an eviction; bodies are those of kube-apiserver 1.34.
import { describe, expect, it } from "vitest";
import type { EvictionAnswer } from "../../../components/kube/api.ts";
import { classifyEvictionAnswer } from "../../../components/kube/eviction-answer.ts";

const budgetBody = (message: string, retryAfterSeconds?: number) => ({
  kind: "Status",
  reason: "TooManyRequests",
  message: "Cannot evict pod as it would violate the pod's disruption budget.",
  details: { causes: [{ reason: "DisruptionBudget", message }], retryAfterSeconds },
});
const needs = "The disruption budget cart needs 3 healthy pods and has 3 currently";
const pending = "The disruption budget cart is still being processed by the server.";
const webhook = 'admission webhook "drainer" denied the request: the pod is rolled instead';
const rbac =
  'pods "web-1" is forbidden: User "u" cannot create resource "pods/eviction" in API group "" in the namespace "shop"';
const several =
  "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";

interface Row {
  readonly name: string;
  readonly status: number;
  readonly body?: unknown;
  readonly retryAfter?: number;
  readonly answer: EvictionAnswer;
}

const rows: Row[] = [
  { name: "D-E01 created", status: 201, body: { status: "Success" }, answer: { kind: "evicted" } },
  { name: "D-V11 gone", status: 404, body: { message: 'pods "web-1" not found' }, answer: { kind: "gone" } },
  { name: "D-V13 another uid", status: 409, body: { reason: "Conflict" }, answer: { kind: "gone" } },
  {
    name: "D-V01 budget exhausted",
    status: 429,
    body: budgetBody(needs),
    answer: { kind: "blocked", budgets: [{ text: needs }] },
  },
  {
    name: "D-V01 budget exhausted, body as text",
    status: 429,
    body: JSON.stringify(budgetBody(needs)),
    answer: { kind: "blocked", budgets: [{ text: needs }] },
  },
  {
    name: "budget not yet observed",
    status: 429,
    body: budgetBody(pending, 10),
    answer: { kind: "blocked", budgets: [{ text: pending }], retryAfterSeconds: 10 },
  },
  {
    name: "overload, without a budget's cause",
    status: 429,
    body: { message: "too many requests, please try again later" },
    retryAfter: 1,
    answer: { kind: "transient", text: "too many requests, please try again later", retryAfterSeconds: 1 },
  },
  {
    name: "D-V16 namespace terminating",
    status: 403,
    body: { message: "being terminated", details: { causes: [{ reason: "NamespaceTerminating" }] } },
    answer: { kind: "namespace-terminating" },
  },
  {
    name: "budget with a negative allowance",
    status: 403,
    body: { message: "pdb disruptions allowed is negative", details: { kind: "poddisruptionbudget" } },
    answer: { kind: "blocked", budgets: [{ text: "pdb disruptions allowed is negative" }] },
  },
  {
    name: "D-V18 RBAC",
    status: 403,
    body: { reason: "Forbidden", message: rbac, details: { kind: "pods" } },
    answer: { kind: "refused", text: rbac },
  },
  {
    name: "D-V19 webhook, 403",
    status: 403,
    body: { message: webhook },
    answer: { kind: "transient", text: webhook },
  },
  {
    name: "D-V19 webhook, 404",
    status: 404,
    body: { message: webhook },
    answer: { kind: "transient", text: webhook },
  },
  {
    name: "D-V19 webhook, 500",
    status: 500,
    body: { message: webhook },
    answer: { kind: "transient", text: webhook },
  },
  {
    name: "D-V04 two budgets",
    status: 500,
    body: { message: several },
    answer: { kind: "ambiguous", text: several },
  },
  {
    name: "D-V20 internal error",
    status: 500,
    body: { reason: "InternalError", message: "etcdserver: leader changed" },
    answer: { kind: "transient", text: "etcdserver: leader changed" },
  },
  {
    name: "D-V20 gateway in plain text",
    status: 503,
    body: "no healthy upstream\nsecond line",
    answer: { kind: "transient", text: "no healthy upstream" },
  },
  {
    name: "D-V21 budget conflicts",
    status: 504,
    body: { message: "couldn't update PodDisruptionBudget", details: { retryAfterSeconds: 10 } },
    answer: { kind: "transient", text: "couldn't update PodDisruptionBudget", retryAfterSeconds: 10 },
  },
  {
    name: "bad request",
    status: 400,
    body: { message: "name mismatch" },
    answer: { kind: "refused", text: "name mismatch" },
  },
  {
    name: "no credentials, without a body",
    status: 401,
    answer: { kind: "refused", text: "the server answered 401 without an explanation" },
  },
];

describe("classifyEvictionAnswer", () => {
  it.each(rows)("$name", ({ status, body, retryAfter, answer }) => {
    expect(classifyEvictionAnswer(status, body, retryAfter)).toEqual(answer);
  });
});
