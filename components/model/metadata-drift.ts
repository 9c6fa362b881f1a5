// What of a node's declared metadata differs on the Node itself. Pure.
import type { NodeMetadata } from "./host.ts";
import type { NodeTaintLike } from "./node-metadata.ts";
import { isSameTaint } from "./taint.ts";

/** Names one declared key that the Node has otherwise or not at all. */
export interface MetadataDrift {
  readonly kind: "label" | "annotation" | "taint";
  /** Label or annotation key; for a taint `key:effect`. */
  readonly key: string;
  readonly declared: string;
  /** Undefined when the Node lacks the key. */
  readonly observed: string | undefined;
}

/** What a Node shows, before it is narrowed to what is declared. */
export interface ObservedMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaintLike[];
}

/** Lists the declared labels, annotations and taints that the Node lacks or has with another value. */
export function findMetadataDrift(declared: NodeMetadata, observed: ObservedMetadata): MetadataDrift[] {
  return [
    ...keyDrift("label", declared.labels, observed.labels),
    ...keyDrift("annotation", declared.annotations, observed.annotations),
    ...taintDrift(declared, observed),
  ];
}

function keyDrift(
  kind: "label" | "annotation",
  declared: Readonly<Record<string, string>>,
  observed: Readonly<Record<string, string>>,
): MetadataDrift[] {
  return Object.entries(declared)
    .map(([key, value]) => ({
      kind,
      key,
      declared: value,
      observed: new Map(Object.entries(observed)).get(key),
    }))
    .filter((drift) => drift.observed !== drift.declared);
}

function taintDrift(declared: NodeMetadata, observed: ObservedMetadata): MetadataDrift[] {
  return declared.taints
    .map((taint) => {
      const seen = observed.taints.find((other) => isSameTaint(other, taint));
      const key = `${taint.key}:${taint.effect}`;
      return {
        kind: "taint" as const,
        key,
        declared: taint.value ?? "",
        observed: seen && (seen.value ?? ""),
      };
    })
    .filter((drift) => drift.observed !== drift.declared);
}
