// How Roster.diff asks the cluster about a removal, what becomes of what it may not read, and its facts as JSON.
import { PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { about, type Removal, startRemoval } from "./removal.ts";

const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);

let api: ApiServer;
let removal: Removal;

beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

// A process of its own for each test: a provider serves one list of Nodes for a while.
beforeEach(async () => {
  removal = await startRemoval(api);
});
afterEach(() => removal[Symbol.asyncDispose]());

const requests = () =>
  [...new Set(removal.proxy.requests.map(({ method, path }) => `${method} ${path}`))].sort();

describe("the cluster", () => {
  const versions = async () => {
    const { core, policy } = removal.leaving;
    const lists = [
      core.listNode(),
      core.listPodForAllNamespaces(),
      policy.listPodDisruptionBudgetForAllNamespaces(),
    ];
    const items = (await Promise.all(lists)).flatMap((list) => list.items.map(({ metadata }) => metadata));
    return items.map((metadata) => `${metadata?.namespace}/${metadata?.name} ${metadata?.resourceVersion}`);
  };

  it("D-V32 is as it was before, after four requests that only read", async () => {
    await removal.createPod("cart-0");
    await removal.leaving.createPod("agent-1", { owner: { kind: "DaemonSet", name: "agent" } });
    await removal.leaving.createDaemonSet("agent");
    await removal.leaving.createBudget("web", { maxUnavailable: 1 }, { disruptionsAllowed: 1 });
    const before = await versions();
    await removal.preview();
    expect(await versions()).toEqual(before);
    expect(requests()).toEqual([
      `GET /api/v1/nodes`,
      `GET /api/v1/pods`,
      `GET /apis/apps/v1/namespaces/${removal.leaving.namespace}/daemonsets/agent`,
      `GET /apis/policy/v1/poddisruptionbudgets`,
    ]);
    // One list of Nodes serves for a while only: on a slow machine it is asked for once more.
    const others = removal.proxy.requests.filter(({ path }) => path !== "/api/v1/nodes");
    expect(others).toHaveLength(3);
  });

  it("is asked for namespaces when a drain rule selects by them", async () => {
    const { core, namespace } = removal.leaving;
    await core.patchNamespace(
      { name: namespace, body: { metadata: { labels: { kind: "cache" } } } },
      mergePatch,
    );
    await removal.createPod("cache-0");
    const rules = [{ name: "caches", namespaces: "kind=cache", action: "skip" } as const];
    expect(about(await removal.preview({ rules }), /stopped with/)).toEqual([
      'warning: not drained, stopped with their host: pods skipped by rule "caches": shop/cache-0',
    ]);
    expect(removal.proxy.count("GET", "/namespaces")).toBe(1);
  });
});

describe("what may not be read", () => {
  it("is named, and all the rest is told", async () => {
    await removal.createPod("cart-0");
    removal.proxy.onRequest = ({ path }) =>
      path.endsWith("/poddisruptionbudgets") ? { status: 403, body: forbidden } : undefined;
    expect((await removal.preview()).slice(1)).toEqual([
      "info: 1 pod moves: shop/StatefulSet cart 1",
      "warning: down while their only pod moves: shop/StatefulSet cart",
      "info: room by requests for 1 pod on the 1 node that stays and takes pods",
      "warning: not known: what budgets allow: listing PodDisruptionBudgets: not for you (403)",
    ]);
  });

  it("leaves the names of the nodes when it is the pods", async () => {
    removal.proxy.onRequest = ({ path }) =>
      path.endsWith("/pods") ? { status: 403, body: forbidden } : undefined;
    expect(await removal.preview()).toEqual([
      "info: 1 node leaves: node-shop",
      "warning: not known: what becomes of the pods: listing Pods: not for you (403)",
    ]);
  });

  const forbidden = {
    kind: "Status",
    status: "Failure",
    reason: "Forbidden",
    message: "not for you",
    code: 403,
  };
});

describe("NODEPOOLS_FACTS=json", () => {
  it("tells each fact as one JSON object, none as a warning, which the CLI would put a word before", async () => {
    vi.stubEnv("NODEPOOLS_FACTS", "json");
    await removal.restartProvider();
    vi.unstubAllEnvs();
    await removal.createPod("cart-0");
    const told = (await removal.preview()).map((line) => line.split(/: (.*)/s));
    expect(told.map(([severity, text]) => [severity, JSON.parse(text ?? "")])).toEqual([
      [
        "info",
        expect.objectContaining({
          kind: "cluster",
          server: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        }),
      ],
      ["info", { kind: "leaving", severity: "info", nodes: ["node-shop"] }],
      ["info", { kind: "moves", severity: "info", owners: [{ owner: "shop/StatefulSet cart", pods: 1 }] }],
      ["info", { kind: "down", severity: "warning", owners: ["shop/StatefulSet cart"], restartable: [] }],
      ["info", { kind: "fits", severity: "info", pods: 1, nodes: 1, joining: [] }],
    ]);
  });
});
