// What of the declared metadata differs on the Node.
import { expect, it } from "vitest";
import { mergeMetadata } from "../../../components/model/merge-metadata.ts";
import { findMetadataDrift } from "../../../components/model/metadata-drift.ts";

const gpu = { key: "gpu", value: "yes", effect: "NoSchedule" } as const;

it("E38 lists what the Node lacks or has otherwise, and nothing foreign", () => {
  const declared = {
    labels: { tier: "a", zone: "z", constructor: "c" },
    annotations: { note: "n" },
    taints: [gpu, { key: "batch", effect: "NoExecute" } as const],
  };
  const observed = {
    labels: { tier: "b", zone: "z", foreign: "f" },
    annotations: {},
    taints: [
      { ...gpu, value: "no" },
      { key: "batch", effect: "NoExecute" },
      { key: "foreign", effect: "NoExecute" },
    ],
  };
  expect(findMetadataDrift(declared, observed)).toEqual([
    { kind: "label", key: "tier", declared: "a", observed: "b" },
    { kind: "label", key: "constructor", declared: "c", observed: undefined },
    { kind: "annotation", key: "note", declared: "n", observed: undefined },
    { kind: "taint", key: "gpu:NoSchedule", declared: "yes", observed: "no" },
  ]);
});

it("merges a host's metadata over its pool's, taints by key and effect", () => {
  const pool = {
    labels: { tier: "a", zone: "z" },
    annotations: { note: "pool" },
    taints: [gpu, { ...gpu, effect: "NoExecute" as const }],
  };
  const host = { labels: { tier: "b" }, annotations: { note: "host" }, taints: [{ ...gpu, value: "no" }] };
  expect(mergeMetadata(pool, host)).toEqual({
    labels: { tier: "b", zone: "z" },
    annotations: { note: "host" },
    taints: [
      { ...gpu, effect: "NoExecute" },
      { ...gpu, value: "no" },
    ],
  });
});
