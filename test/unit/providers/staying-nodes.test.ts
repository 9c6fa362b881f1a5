// Which removals are stopped because too few Ready nodes would stay.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import { describeShortage, requireStayingNodes } from "../../../components/providers/staying-nodes.ts";
import { operationOver } from "../../support/operation.ts";
import { enrollmentInputs, rosterInputs } from "../../support/provider-inputs.ts";

const member = (node: string, pool = "workers") => ({ node, pool });

/** A Node by its name; `w2?` is not Ready. */
function nodeOf(name: string): Node {
  const status = name.endsWith("?") ? "Unknown" : "True";
  return {
    metadata: { name: name.replace("?", "") },
    status: { conditions: [{ type: "Ready", status }] },
  } as Node;
}

/** Asks about the removal of these nodes from a cluster with these Nodes. */
function ask(
  leaving: readonly string[],
  nodes: readonly string[],
  members: readonly { node: string; pool: string; maintenance?: true }[],
  minReady?: number,
): string | undefined {
  const { pools } = rosterInputs([]);
  const limited = pools.map((pool) => (minReady === undefined ? pool : { ...pool, limits: { minReady } }));
  return describeShortage(
    leaving.map((node) => member(node)),
    { members, pools: limited },
    nodes.map(nodeOf),
  );
}

describe("a removal is stopped", () => {
  it("when no declared node is Ready, with what is wrong with each", () => {
    expect(
      ask(["w1"], ["w1", "w2?", "w4"], [member("w2"), member("w3"), { ...member("w4"), maintenance: true }]),
    ).toBe(
      "no node that stays is Ready: w1 is kept. Mend w2 (not Ready), w3 (not in the cluster), w4 (in maintenance), then run again",
    );
  });

  it("when fewer than limits.minReady of its pool are", () => {
    expect(ask(["w1", "w2"], ["w1", "w2", "w3"], [member("w3"), member("w4")], 2)).toBe(
      'pool "workers" would have fewer Ready nodes than limits.minReady 2: w1, w2 are kept. Mend w4 (not in the cluster), or lower limits.minReady, then run again',
    );
  });

  it("naming five of those that are missing", () => {
    const members = Array.from({ length: 7 }, (_, at) => member(`n${at}`));
    expect(ask(["w1"], ["w1"], members)).toMatch(/n4 \(not in the cluster\) and 2 more, then run again$/);
  });
});

it.each([
  ["another node is Ready", ["w1"], ["w1", "w2"], [member("w2"), member("w3")], undefined],
  ["the one that is Ready is in another pool", ["w1"], ["w1", "b1"], [member("b1", "batch")], undefined],
  ["what leaves is not Ready itself", ["w1"], ["w1?", "w2?"], [member("w2")], undefined],
  ["what leaves has no Node any more", ["w1"], ["w2?"], [member("w2")], undefined],
  ["no node is declared", ["w1"], ["w1"], [], undefined],
  ["it is declared still, and joins again", ["w1"], ["w1"], [member("w1")], undefined],
  ["another pool is short of nodes, not its own", ["w1"], ["w1", "b1"], [member("b1", "batch")], 0],
  ["as many as limits.minReady are Ready", ["w1"], ["w1", "w2"], [member("w2"), member("w3")], 1],
] as const)("a removal goes on when %s", (_, leaving, nodes, members, minReady) => {
  expect(ask(leaving, nodes, members, minReady)).toBeUndefined();
});

describe("a host that is taken away to be joined again, before the roster is asked about", () => {
  const begin = (nodes: readonly string[]) => {
    const operation = operationOver({ listNodes: async () => nodes.map(nodeOf) });
    const roster = { members: 2, pool: "workers", maxUnavailable: 1 };
    for (const node of ["w1", "w2"]) operation.told.declared({ ...enrollmentInputs({ node }), roster });
    return requireStayingNodes(operation, [member("w1")]);
  };

  it("is kept when no other node is Ready", async () => {
    await expect(begin(["w1", "w2?"])).rejects.toThrow("no node that stays is Ready: w1 is kept");
  });

  it("goes when another one is", async () => {
    await expect(begin(["w1", "w2"])).resolves.toBeUndefined();
  });
});
