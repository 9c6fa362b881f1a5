// What a program exports of its cluster.
import type * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { NodePool, type NodeStatus } from "../../components/index.ts";
import { valueIfKnown } from "../../components/pulumi-internals/known-value.ts";
import { runProgram } from "../support/component-mocks.ts";
import { hosts, newCluster } from "./declared.ts";

async function exportedNodes(isPreview: boolean, ...names: string[]) {
  const told: pulumi.Output<Record<string, NodeStatus>>[] = [];
  await runProgram(
    () => {
      const cluster = newCluster();
      new NodePool("workers", { cluster, hosts: hosts(...names) });
      told.push(cluster.stackOutputs.nodes);
    },
    undefined,
    isPreview,
  );
  return told[0] && (await valueIfKnown(told[0]));
}

it("is each node as it was last seen", async () => {
  const status = { pool: "workers", ready: "NotFound" };
  expect(await exportedNodes(false, "w1", "w2")).toEqual({ w1: status, w2: status });
});

it("is nothing that a preview would print, or hold a saved plan to", async () => {
  // Of no nodes all is known in a preview, too.
  expect(await exportedNodes(true)).toBeUndefined();
  expect(await exportedNodes(false)).toEqual({});
});
