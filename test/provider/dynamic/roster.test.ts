// Roster in the real provider process, on a real API server: what a preview says, and cordons before the first drain.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { owner, rosterInputs } from "../../support/provider-inputs.ts";
import { type ProviderProcess, type ResourceCalls, startProvider } from "../../support/provider-process.ts";
import { configFor, deadPort, joinedNode, listIsStale, remarks } from "./site.ts";

const urn = rosterInputs([]).__urn;
let api: ApiServer;
let provider: ProviderProcess;
let calls: ResourceCalls;

beforeAll(async () => {
  api = await startApiServer();
  provider = await startProvider(configFor(api.kubeconfigPath));
  calls = provider.of("Roster");
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await api.stop();
});

beforeEach(() => {
  provider.lines.length = 0;
});

type TestNode = Awaited<ReturnType<typeof joinedNode>>;

const cordons = (nodes: readonly TestNode[]) => Promise.all(nodes.map((node) => node.isCordoned()));
const rosterOf = (...nodes: readonly TestNode[]) => rosterInputs(nodes.map(({ nodeName }) => nodeName));
const leavingMark = async (node: TestNode) => (await node.marks()).leaving;

describe("the diff", () => {
  it("says on the roster's row what leaves, for good and with a warning, and changes nothing", async () => {
    await using proxy = await startFaultProxy(api);
    await using watched = await startProvider(configFor(proxy.kubeconfig));
    const [staying, leaving] = [await joinedNode(api), await joinedNode(api)];
    await leaving.createPod("web-1");
    await leaving.createPod("bare", { owner: "none" });
    const olds = rosterOf(staying, leaving);

    const diff = await watched.of("Roster").diff(olds, rosterOf(staying));

    expect(diff).toEqual({ changes: true, replaces: [] });
    const { nodeName, namespace } = leaving;
    expect(remarks(watched, urn).slice(0, 3)).toEqual([
      `info: 1 node leaves: ${nodeName}`,
      `info: 1 pod moves: ${namespace}/ReplicaSet web 1`,
      `warning: the drain of ${nodeName} will be refused for pods without a controller (drain.force allows it): ${namespace}/bare`,
    ]);
    expect(watched.lines.filter((line) => line.urn !== urn)).toEqual([]);
    expect([...new Set(proxy.requests.map(({ method }) => method))]).toEqual(["GET"]);
  });

  it("tells again of nodes that still leave after a drain that failed", async () => {
    const node = await joinedNode(api, {
      cordoned: true,
      marks: { leaving: "2026-01-01T00:00:00.000Z", pool: "workers" },
    });
    await listIsStale();
    const roster = rosterInputs([]);
    expect(await calls.diff(roster, roster)).toEqual({ changes: false, replaces: [] });
    expect(remarks(provider, urn)).toEqual([`info: 1 node leaves: ${node.nodeName}`, "info: no pods move"]);
    await node.core.deleteNode({ name: node.nodeName });
    await listIsStale();
  });

  it("is silent when nobody leaves", async () => {
    const olds = rosterInputs(["w1"]);
    expect(await calls.diff(olds, rosterInputs(["w1", "w2"]))).toEqual({ changes: true, replaces: [] });
    expect(await calls.diff(olds, olds)).toEqual({ changes: false, replaces: [] });
    expect(provider.lines).toEqual([]);
  });

  it("says so, and does not fail, when the cluster cannot be asked", async () => {
    const port = await deadPort();
    const dead = api.kubeconfigText.replace(api.url, `https://127.0.0.1:${port}`);
    await using cutOff = await startProvider(configFor(dead));
    const diff = await cutOff.of("Roster").diff(rosterInputs(["w1", "w2", "w3"]), rosterInputs(["w2"]));
    expect(diff).toEqual({ changes: true, replaces: [] });
    expect(remarks(cutOff, urn)).toEqual([
      "info: 2 nodes leave: w1, w3",
      expect.stringMatching(/^warning: not known: what becomes of the pods: listing \w+: no answer: /),
    ]);
  });
});

describe("update", () => {
  it("D-P01 cordons and marks all leaving nodes and no other", async () => {
    const nodes = [await joinedNode(api), await joinedNode(api), await joinedNode(api)] as const;
    const [staying, one, two] = [...nodes].sort((a, b) => (a.nodeName < b.nodeName ? -1 : 1)) as [
      TestNode,
      TestNode,
      TestNode,
    ];
    await listIsStale();
    const news = rosterOf(staying);
    const { removals, ...outs } = await calls.update(rosterOf(staying, one, two), news);
    expect(outs).toEqual(news);
    expect(Object.keys((removals as { nodes: object }).nodes)).toEqual([one.nodeName, two.nodeName]);
    expect(await cordons([staying, one, two])).toEqual([false, true, true]);
    const marks = await Promise.all([staying, one, two].map(leavingMark));
    expect(marks.map((mark) => mark !== undefined && !Number.isNaN(Date.parse(mark)))).toEqual([
      false,
      true,
      true,
    ]);
    expect(remarks(provider, urn)).toEqual([
      `info: cordoned before the first drain: ${one.nodeName}, ${two.nodeName}`,
    ]);
  });

  it("lifts its own cordon from a node that is declared again", async () => {
    const node = await joinedNode(api);
    await listIsStale();
    await calls.update(rosterOf(node), rosterInputs([]));
    expect(await node.isCordoned()).toBe(true);
    await listIsStale();
    await calls.update(rosterInputs([]), rosterOf(node));
    expect([await node.isCordoned(), await leavingMark(node)]).toEqual([false, undefined]);
  });

  it("keeps an operator's cordon, when the node leaves and when it is declared again", async () => {
    const node = await joinedNode(api, { cordoned: true });
    await listIsStale();
    await calls.update(rosterOf(node), rosterInputs([]));
    expect([await node.isCordoned(), await leavingMark(node)]).toEqual([true, undefined]);
    await listIsStale();
    await calls.update(rosterInputs([]), rosterOf(node));
    expect(await node.isCordoned()).toBe(true);
  });

  it("lifts the cordon of a reboot that is declared no more, and not of one that failed and still is", async () => {
    const annotations = (uncordon: boolean) => ({
      "nodepools.local/rebooting": JSON.stringify({ trigger: "2", bootId: "b", uncordon, down: true }),
    });
    const nodes = [
      await joinedNode(api, { cordoned: true, annotations: annotations(true) }),
      await joinedNode(api, { cordoned: true, annotations: annotations(false) }),
      await joinedNode(api, { cordoned: true, annotations: annotations(true) }),
    ] as const;
    const failed = nodes[2];
    await listIsStale();
    const members = nodes.map(({ nodeName: node }) => ({
      ...{ node, pool: "workers" },
      rebootTrigger: node === failed.nodeName ? "2" : "1",
    }));
    const roster = rosterInputs([], { members });
    expect((await calls.diff(roster, roster)).changes).toBe(true);
    await calls.update(roster, roster);
    expect(await cordons(nodes)).toEqual([false, true, true]);
    const marks = await Promise.all(nodes.map((node) => node.marks()));
    expect(marks.map(({ reboot }) => reboot !== undefined)).toEqual([false, false, true]);
    expect(marks.map(({ owner }) => owner?.guarded)).toEqual([true, true, true]);
    await listIsStale();
    expect((await calls.diff(roster, roster)).changes).toBe(false);
  });

  it("lifts a declared cordon that is declared no more, also when the run that set it was cut short", async () => {
    const cordonedByUs = { cordoned: true, annotations: { "nodepools.local/cordoned": "declared" } };
    const nodes = [await joinedNode(api, cordonedByUs), await joinedNode(api, cordonedByUs)] as const;
    const [given, kept] = nodes;
    await listIsStale();
    const members = [
      { node: given.nodeName, pool: "workers" },
      { node: kept.nodeName, pool: "workers", maintenance: true },
    ] as const;
    const roster = rosterInputs([], { members });
    expect((await calls.diff(roster, roster)).changes).toBe(true);
    await calls.update(roster, roster);
    expect(await cordons(nodes)).toEqual([false, true]);
    await listIsStale();
    expect((await calls.diff(roster, roster)).changes).toBe(false);
  });

  it("keeps a node that was leaving cordoned when it is declared in maintenance now", async () => {
    const node = await joinedNode(api);
    await listIsStale();
    await calls.update(rosterOf(node), rosterInputs([]));
    await listIsStale();
    const members = [{ node: node.nodeName, pool: "workers", maintenance: true }] as const;
    await calls.update(rosterInputs([]), rosterInputs([], { members }));
    expect([await node.isCordoned(), await leavingMark(node)]).toEqual([true, undefined]);
  });

  it("leaves alone the Nodes of others and names that have no Node", async () => {
    const foreign = await joinedNode(api, { owner: "acme/nodepools/other" });
    await listIsStale();
    await calls.update(rosterInputs([foreign.nodeName, "no-such-node"]), rosterInputs([]));
    expect(await foreign.isCordoned()).toBe(false);
    expect(provider.lines).toEqual([]);
  });

  it("does not take an operator's cordon that comes in between for its own", async () => {
    await using proxy = await startFaultProxy(api);
    await using watched = await startProvider(configFor(proxy.kubeconfig));
    const node = await joinedNode(api);
    proxy.onRequest = async ({ method }) => {
      if (method === "PATCH" && proxy.count("PATCH", node.nodeName) === 1)
        await node.patch({ spec: { unschedulable: true } });
      return undefined;
    };
    await watched.of("Roster").update(rosterOf(node), rosterInputs([]));
    expect([await node.isCordoned(), await leavingMark(node)]).toEqual([true, undefined]);
  });

  it("does not uncordon a node whose leaving mark was settled in between", async () => {
    const node = await joinedNode(api, {
      cordoned: true,
      annotations: { "nodepools.local/leaving": "2026-01-01T00:00:00.000Z" },
    });
    await using proxy = await startFaultProxy(api);
    await using watched = await startProvider(configFor(proxy.kubeconfig));
    proxy.onRequest = async ({ method }) => {
      if (method === "PATCH" && proxy.count("PATCH", node.nodeName) === 1)
        await node.patch({ metadata: { annotations: { "nodepools.local/leaving": null } } });
      return undefined;
    };
    await watched.of("Roster").update(rosterInputs([]), rosterOf(node));
    expect(await node.isCordoned()).toBe(true);
  });
});

describe("create and delete", () => {
  it("creates with the members that an interrupted run had cordoned made schedulable", async () => {
    const marked = { "nodepools.local/leaving": "2026-01-01T00:00:00.000Z" };
    const [ours, operators] = [
      await joinedNode(api, { cordoned: true, annotations: marked }),
      await joinedNode(api, { cordoned: true }),
    ];
    await listIsStale();
    const inputs = rosterOf(ours, operators);
    expect(await calls.create(inputs)).toEqual({ id: "roster", outs: inputs });
    expect(await cordons([ours, operators])).toEqual([false, true]);
  });

  it("J-A1 cordons nobody when it goes: that is for the removals of the nodes that go", async () => {
    const nodes = [await joinedNode(api), await joinedNode(api)];
    await listIsStale();
    await calls.remove(rosterOf(...nodes));
    expect(await cordons(nodes)).toEqual([false, false]);
  });

  it("reads back what it was given", async () => {
    const props = rosterInputs(["w1"], { owner });
    expect(await calls.read(props)).toEqual({ id: "the-id", props });
  });
});
