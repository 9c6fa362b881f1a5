// What a change of the roster is refused for and remembers, over clusters that are given.
import { describe, expect, it } from "vitest";
import type { Node } from "../../../components/kube/api.ts";
import type { Operation } from "../../../components/providers/operation.ts";
import { disruptions } from "../../../components/providers/roster/change.ts";
import { tooManyRejoins } from "../../../components/providers/roster/checks.ts";
import { rosterCalls } from "../../../components/providers/roster/roster-calls.ts";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import frozen from "../../provider/dynamic/schema-1.json" with { type: "json" };
import { markLabels } from "../../support/marks.ts";
import { operationOver } from "../../support/operation.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";

const nodeOf = (name: string, more: { stamp?: string; ready?: string; cordoned?: boolean } = {}): Node =>
  ({
    metadata: {
      name,
      labels: markLabels({ owner: more.stamp ?? owner, pool: "workers" }),
    },
    spec: { unschedulable: more.cordoned ?? false },
    status: { conditions: [{ type: "Ready", status: more.ready ?? "True" }] },
  }) as Node;

/** A cluster of these Nodes. */
const cluster = (...nodes: Node[]) =>
  operationOver({
    listNodes: async () => nodes,
    listPods: async () => [],
    listBudgets: async () => [],
    readServerVersion: async () => "v1.34.0",
  });

const names = (count: number) => Array.from({ length: count }, (_, at) => `w${at + 1}`);

async function check(operation: Operation, olds: object, news: RosterInputs) {
  const { inputs, failures = [] } = await rosterCalls(() => operation).check(olds, news);
  return { inputs: inputs as RosterInputs, reasons: failures.map(({ reason }) => reason) };
}

const inPool = (limits: object) => [{ ...rosterInputs([]).pools[0], limits }] as RosterInputs["pools"];

describe("a removal that failed", () => {
  const [w1, w2] = [nodeOf("w1"), nodeOf("w2", { cordoned: true })];

  it("is remembered although its Node carries no mark of it", async () => {
    const first = await check(cluster(w1, w2), rosterInputs(["w1", "w2"]), rosterInputs(["w1"]));
    expect(first.inputs.pending).toMatchObject([{ node: "w2", pool: "workers" }]);
    const second = await check(cluster(w1, w2), first.inputs, rosterInputs(["w1"]));
    expect(second.inputs.pending).toEqual(first.inputs.pending);
    const leaving = disruptions(first.inputs, second.inputs, [w1, w2]);
    expect(leaving).toMatchObject([{ node: "w2", disruption: "leaves" }]);
  });

  it("is remembered although its Node has lost the stamp too", async () => {
    const bare: Node = { ...w2, metadata: { name: "w2" } };
    const { inputs } = await check(cluster(w1, bare), rosterInputs(["w1", "w2"]), rosterInputs(["w1"]));
    expect((await check(cluster(w1, bare), inputs, rosterInputs(["w1"]))).inputs.pending).toEqual(
      inputs.pending,
    );
    expect(inputs.pending).toMatchObject([{ node: "w2", pool: "workers" }]);
  });

  it("is over once its Node is gone, another stack's, or declared again", async () => {
    const { inputs } = await check(cluster(w1, w2), rosterInputs(["w1", "w2"]), rosterInputs(["w1"]));
    const foreign = nodeOf("w2", { stamp: "acme/x/y" });
    for (const [nodes, news] of [
      [[w1], ["w1"]],
      [[w1, foreign], ["w1"]],
      [
        [w1, w2],
        ["w1", "w2"],
      ],
    ] as const)
      expect((await check(cluster(...nodes), inputs, rosterInputs(news))).inputs).not.toHaveProperty(
        "pending",
      );
  });

  it("is remembered when its pool is gone as well", async () => {
    const withPool = rosterInputs(["w1", "w2"]);
    const gone = rosterInputs([], { pools: inPool({ maxRemovals: 2 }) });
    const first = await check(cluster(w1, w2), withPool, { ...gone, pools: [] });
    const second = await check(cluster(w1, w2), first.inputs, { ...gone, pools: [] });
    expect(disruptions(first.inputs, second.inputs, []).map(({ node }) => node)).toEqual(["w1", "w2"]);
  });

  it("counts against maxRemovals together with those of the next change, and alone is never refused", async () => {
    const nodes = names(10).map((name) => nodeOf(name));
    const first = await check(cluster(...nodes), rosterInputs(names(10)), rosterInputs(names(7)));
    expect(first.reasons).toEqual([]);
    const allowed = { ...rosterInputs(names(5)), pools: inPool({ maxRemovals: 5 }) };
    const meant = await check(cluster(...nodes), rosterInputs(names(10)), allowed);
    const again = await check(cluster(...nodes), meant.inputs, rosterInputs(names(5)));
    expect([meant.reasons, again.reasons]).toEqual([[], []]);
    const more = await check(cluster(...nodes), first.inputs, rosterInputs(names(5)));
    expect(more.reasons).toEqual([expect.stringMatching(/5 of 10 nodes leave .*maxRemovals allows 3/)]);
  });
});

describe("a roster that is new", () => {
  it("J-A2 takes its former members from the stamps on the Nodes", async () => {
    const nodes = ["w1", "w2", "w3"].map((name) => nodeOf(name));
    const { reasons, inputs } = await check(cluster(...nodes), {}, rosterInputs(["w1"]));
    expect(reasons).toEqual([expect.stringMatching(/2 of 3 nodes leave \(w2, w3\)/)]);
    expect(inputs.pending?.map(({ node }) => node)).toEqual(["w2", "w3"]);
  });

  it("takes none from the Nodes of others", async () => {
    const others = ["w2", "w3"].map((name) => nodeOf(name, { stamp: "acme/x/y" }));
    const { reasons, inputs } = await check(cluster(nodeOf("w1"), ...others), {}, rosterInputs(["w1"]));
    expect([reasons, inputs]).toEqual([[], rosterInputs(["w1"])]);
  });
});

describe("a rejoin", () => {
  const retriggered = (...nodes: string[]) =>
    rosterInputs([], { members: nodes.map((node) => ({ node, pool: "workers", rejoinTrigger: "2" })) });

  it("J-A4 is a disruption like a reboot", () => {
    const found = disruptions(rosterInputs(["w1", "w2"]), retriggered("w1"), []);
    expect(found.map(({ node, disruption }) => [node, disruption])).toEqual([
      ["w2", "leaves"],
      ["w1", "rejoin"],
    ]);
  });

  it("J-A4 is refused when it leaves fewer Ready nodes than minReady", async () => {
    const news = { ...retriggered("w1"), pools: inPool({ minReady: 1 }) };
    const { reasons } = await check(cluster(nodeOf("w1")), rosterInputs(["w1"]), news);
    expect(reasons).toEqual([expect.stringMatching(/0 Ready nodes would stay, limits.minReady is 1/)]);
  });

  it("J-A6 of vanished Nodes is refused beyond maxUnavailable, with the way to get them back", async () => {
    const operation = cluster();
    for (const node of ["w1", "w2", "w3"]) {
      operation.told.inState({ owner, joined: true }, node);
      operation.told.missing(node);
    }
    const roster = rosterInputs(["w1", "w2", "w3"]);
    const { reasons } = await check(operation, roster, roster);
    expect(reasons).toEqual([expect.stringMatching(/Nodes of 3 hosts are gone .*systemctl restart kubelet/)]);
  });

  it("J-A6 of hosts whose join never ended is no vanished Node", async () => {
    const operation = cluster();
    for (const node of ["w1", "w2"]) operation.told.missing(node);
    const roster = rosterInputs(["w1", "w2"]);
    expect((await check(operation, roster, roster)).reasons).toEqual([]);
  });

  it("of every node of several small pools is refused, unless every pool says that it is meant", () => {
    const [workers] = rosterInputs([]).pools;
    const two = (limits?: object) =>
      ["a", "b"].map((name) => ({ ...workers, name, ...(limits && { limits }) })) as RosterInputs["pools"];
    const members = ["a", "b"].map((pool) => ({ node: `${pool}1`, pool }));
    const gone = new Set(["a1", "b1"]);
    const ask = (limits?: object) => {
      const roster = rosterInputs([], { members, pools: two(limits) });
      return tooManyRejoins(roster, roster, gone).map(({ reason }) => reason);
    };
    expect(ask()).toEqual([
      expect.stringMatching(/^all nodes of the cluster: the Nodes of 2 hosts are gone/),
    ]);
    expect(ask({ maxRemovals: 1 })).toEqual([]);
  });
});

describe("a host that is declared lost", () => {
  const lost = (node: string) => rosterInputs(["w1"], { lost: [{ node, rejoinTrigger: "" }] });

  it("J-A7 is refused while its kubelet reports, also when its removal is pending already", async () => {
    const nodes = [nodeOf("w1"), nodeOf("w2", { cordoned: true })];
    const { inputs } = await check(cluster(...nodes), rosterInputs(["w1", "w2"]), rosterInputs(["w1"]));
    const { reasons } = await check(cluster(...nodes), inputs, lost("w2"));
    expect(reasons).toEqual([expect.stringMatching(/lost node "w2": its kubelet still reports/)]);
  });

  it("J-A7 is forgotten when it was never given up and is declared anything else", async () => {
    const nodes = [nodeOf("w1"), nodeOf("w2")];
    const spare = await check(cluster(...nodes), lost("w2"), rosterInputs(["w1"]));
    expect(spare.inputs).not.toHaveProperty("lost");
    const active = await check(cluster(...nodes), lost("w2"), rosterInputs(["w1", "w2"]));
    expect(active.reasons).toEqual([]);
  });

  it("J-A7 stays remembered once its Node is gone, and is not taken for one that is declared lost", async () => {
    const operation = cluster(nodeOf("w1"));
    const { inputs } = await check(operation, lost("w2"), rosterInputs(["w1"]));
    expect(inputs.lost).toEqual([{ node: "w2", rejoinTrigger: "" }]);
    await rosterCalls(() => operation).diff("roster", lost("w2"), inputs);
    expect(operation.declaration.isLost("w2")).toBe(false);
  });
});

it("J-A1 a roster that goes cordons nothing: its nodes may stay", async () => {
  const operation = operationOver({
    listNodes: async () => [nodeOf("w1")],
    changeNode: async () => expect.fail("changed a Node"),
  });
  await rosterCalls(() => operation).delete("roster", rosterInputs(["w1"]));
});

it("a state of an older program has no difference, and loses a member like any other", async () => {
  const old = frozen.Roster as RosterInputs;
  const calls = rosterCalls(() => cluster(nodeOf("w1"), nodeOf("w2")));
  const same = await check(cluster(nodeOf("w1")), old, old);
  expect(same).toEqual({ inputs: old, reasons: [] });
  const both = { ...old, members: [...old.members, { node: "w2", pool: "workers" }] };
  const { inputs, reasons } = await check(cluster(nodeOf("w1"), nodeOf("w2")), both, old);
  expect([inputs.pending?.map(({ node }) => node), reasons]).toEqual([["w2"], []]);
  expect((await calls.diff("roster", both, inputs)).changes).toBe(true);
  const next = await check(cluster(nodeOf("w1")), inputs, old);
  expect(next.inputs).toEqual(old);
  expect((await calls.diff("roster", inputs, next.inputs)).changes).toBe(false);
});
