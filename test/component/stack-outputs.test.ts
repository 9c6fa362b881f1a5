// What a program exports of its cluster.
import { expect, it } from "vitest";
import { NodePool, type StackOutputs } from "../../components/index.ts";
import { valueIfKnown } from "../../components/pulumi-internals/known-value.ts";
import { runProgram } from "../support/component-mocks.ts";
import { hosts, newCluster } from "./declared.ts";

async function outputsOf(isPreview: boolean) {
  const told: Partial<StackOutputs>[] = [];
  await runProgram(
    () => {
      const cluster = newCluster();
      new NodePool("workers", { cluster, hosts: hosts("w1", "w2") });
      told.push(cluster.stackOutputs);
    },
    undefined,
    isPreview,
  );
  const [{ nodes, summary } = {}] = told;
  return { nodes: nodes && (await valueIfKnown(nodes)), summary: summary && (await valueIfKnown(summary)) };
}

it("tells of each pool and of each node", async () => {
  const status = { pool: "workers", ready: "NotFound" };
  expect(await outputsOf(false)).toEqual({
    nodes: { w1: status, w2: status },
    summary: { workers: "2 nodes, 0 Ready, not: w1 (NotFound) w2 (NotFound)" },
  });
});

it("tells in a preview of the pools alone, with the nodes that the run will change", async () => {
  expect(await outputsOf(true)).toEqual({
    nodes: undefined,
    summary: { workers: "2 nodes, changing: w1 w2" },
  });
});
