// Which labels, annotations and taints of a node another declaration changes. Pure.
import type { MetadataFact, MetadataField } from "../../model/declaration-fact.ts";
import { oneLine } from "../../model/foreign-text.ts";
import type { MembershipInputs } from "./state.ts";

const shownCharacters = 100;

/** Lists them as facts of this one node. */
export function metadataChanges(olds: MembershipInputs, news: MembershipInputs): MetadataFact[] {
  return (["labels", "annotations", "taints"] as const).flatMap((field) => {
    const [before, after] = [valuesOf(field, olds), valuesOf(field, news)];
    const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
    return keys.flatMap((key): MetadataFact[] => {
      const [old, now] = [before.get(key), after.get(key)];
      if (old === now) return [];
      return [
        {
          kind: "node-metadata",
          severity: "info",
          ...{ pool: news.pool, field, key },
          ...(old !== undefined && { before: oneLine(old, shownCharacters) }),
          ...(now !== undefined && { after: oneLine(now, shownCharacters) }),
          nodes: [news.node],
        },
      ];
    });
  });
}

function valuesOf(field: MetadataField, metadata: MembershipInputs): ReadonlyMap<string, string> {
  if (field !== "taints") return new Map(Object.entries(metadata[field]));
  return new Map(metadata.taints.map(({ key, effect, value = "" }) => [`${key}:${effect}`, value]));
}
