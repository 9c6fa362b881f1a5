// A review as data, an on-disk format that other people's tools read: fields may be added, never renamed or removed. Pure.
import type { DisruptionFact } from "../drain/preview/facts.ts";
import type { NodeChange } from "../model/node-change.ts";
import { fingerprintOf } from "../providers/approval/fingerprint.ts";
import type { SettingChange } from "./setting-changes.ts";

/** Lists what a review may come to, the gravest first. */
export const verdicts = [
  /** The change is refused, or its config is wrong: nothing of it will be done. */
  "refused",
  /** The preview ended before it had said everything. */
  "failed",
  /** A drain of it is known to fail. */
  "will-fail",
  /** Something is lost, down or not known. */
  "needs-care",
  "fine",
  "no-change",
] as const;

/** Names what a review comes to. */
export type Verdict = (typeof verdicts)[number];

/** Lists what a reviewer has to know before all else, in the order in which it is told. */
export const concernKinds = [
  "refused",
  "failed",
  "will-fail",
  "may-not-end",
  "data-loss",
  "down",
  "past-budgets",
  "drift",
  "unknown",
  "other",
] as const;

/** Names a kind of concern. */
export type ConcernKind = (typeof concernKinds)[number];

/** One thing that a reviewer has to know. */
export interface Concern {
  readonly kind: ConcernKind;
  /** Foreign text: it names objects of the cluster and values of the config. */
  readonly text: string;
  /** Everything that the text counts, by name. */
  readonly names?: readonly string[];
  /** Of a refusal, the line of YAML that allows it and the pool that it goes to. */
  readonly allow?: { readonly pool: string; readonly yaml: string };
}

/** Within which time the drains of a pool end or fail; resets and reboots take their own. */
export interface DrainTime {
  readonly turns: number;
  /** Nodes of a turn. */
  readonly atOnce: number;
  /** Limit of a turn. */
  readonly turnSeconds: number;
}

/** What becomes of one pool. */
export interface PoolReview {
  readonly name: string;
  /** Number of members; absent when the pool is not declared. */
  readonly before?: number;
  readonly after?: number;
  readonly nodes: readonly NodeChange[];
  readonly settings: readonly SettingChange[];
  /** Absent when none of its nodes is drained. */
  readonly drains?: DrainTime;
}

/** A version of the config. */
export interface Version {
  readonly ref: string;
  readonly commit: string;
}

/** What becomes of one stack. */
export interface StackReview {
  readonly stack: string;
  /** Which cluster the preview has asked; absent when it asked none. */
  readonly cluster?: {
    /** The stack as `organization/project/stack`. */
    readonly owner: string;
    /** URL of the API server. */
    readonly server: string;
    /** `sha256:` pins of its CAs. */
    readonly cas: readonly string[];
  };
  readonly verdict: Verdict;
  /** The same for the same findings: two reviews with one fingerprint say the same, whenever they were made. */
  readonly fingerprint: string;
  readonly concerns: readonly Concern[];
  readonly pools: readonly PoolReview[];
  /** Fields of listed hosts that differ. */
  readonly hosts: readonly SettingChange[];
  /** Fields of `cluster` and `ssh` that differ; secrets are named and not shown. */
  readonly connection: readonly SettingChange[];
  /** What the preview told; of an offline review what the config alone tells. */
  readonly facts: readonly DisruptionFact[];
  /** What the review rests on and does not know. */
  readonly notes: readonly string[];
}

/** What a change does to the stacks of a project. */
export interface Review {
  readonly schema: 1;
  readonly project: string;
  readonly base?: Version;
  readonly head?: Version;
  readonly stacks: readonly StackReview[];
}

/** What was found about a stack, before it is judged. */
export type Findings = Omit<StackReview, "verdict" | "fingerprint">;

/** Adds the verdict: the gravest concern's, else whether anything changes at all; and the fingerprint. */
export function withVerdict(findings: Findings): StackReview {
  const concerns = concernKinds.flatMap((kind) =>
    findings.concerns.filter((concern) => concern.kind === kind),
  );
  const found = { ...findings, concerns };
  return { ...found, verdict: judge(findings), fingerprint: fingerprintOf(found) };
}

function judge({ concerns, pools, hosts, connection }: Findings): Verdict {
  const kinds = new Set(concerns.map(({ kind }) => kind));
  for (const kind of ["refused", "failed", "will-fail"] as const) if (kinds.has(kind)) return kind;
  if (kinds.size > 0) return "needs-care";
  const isSame = pools.every(
    ({ before, after, nodes, settings }) =>
      settings.length === 0 &&
      (before === undefined) === (after === undefined) &&
      nodes.every(({ happens }) => happens === "stays"),
  );
  return isSame && hosts.length + connection.length === 0 ? "no-change" : "fine";
}

/** Returns the gravest verdict of some stacks; that of none is `no-change`. */
export function gravest(stacks: readonly StackReview[]): Verdict {
  return verdicts.find((verdict) => stacks.some((stack) => stack.verdict === verdict)) ?? "no-change";
}
