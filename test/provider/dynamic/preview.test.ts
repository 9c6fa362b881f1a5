// What Roster.diff tells of a removal, by the real provider process and on a real API server.
import { PatchStrategy, setHeaderOptions, type V1PodSpec } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { DrainPolicy } from "../../../components/model/drain-policy.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { type FaultProxy, startFaultProxy } from "../../support/fault-proxy.ts";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { type ProviderProcess, startProvider } from "../../support/provider-process.ts";
import { configFor, joinedNode, remarks } from "./site.ts";

const urn = rosterInputs([]).__urn;
const mergePatch = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
const strict = { timeoutSeconds: 10, deleteEmptyDirData: false, force: false };

type TestNode = Awaited<ReturnType<typeof joinedNode>>;

let api: ApiServer;
let proxy: FaultProxy;
let provider: ProviderProcess;
let leaving: TestNode;
let staying: TestNode;

beforeAll(async () => {
  api = await startApiServer();
});
afterAll(async () => {
  await api.stop();
});

// A process of its own for each test: a provider serves one list of Nodes for a second.
beforeEach(async () => {
  leaving = await joinedNode(api);
  staying = await joinedNode(api);
  await offer(staying, { cpu: "4", memory: "8Gi", pods: "10" });
  proxy = await startFaultProxy(api);
  provider = await startProvider(configFor(proxy.kubeconfig));
});
afterEach(async () => {
  await provider[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  for (const node of [leaving, staying]) await node.core.deleteNode({ name: node.nodeName });
});

async function offer({ core, nodeName: name }: TestNode, allocatable: Record<string, string>) {
  await core.patchNodeStatus({ name, body: { status: { capacity: allocatable, allocatable } } }, mergePatch);
}

/** Creates a running, Ready pod on the leaving node, of an owner named before the name's last dash. */
async function createPod(name: string, spec: Partial<V1PodSpec> = {}, labels = { app: "web" }) {
  const { core, namespace, nodeName } = leaving;
  const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: name.replace(/-\d+$/, "") };
  const ownerReferences = [{ ...owner, uid: "00000000-0000-0000-0000-000000000001", controller: true }];
  const containers = [{ name: "main", image: "none" }];
  const body = { metadata: { name, labels, ownerReferences }, spec: { containers, nodeName, ...spec } };
  await core.createNamespacedPod({ namespace, body });
  const status = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  await core.patchNamespacedPodStatus({ namespace, name, body: { status } }, mergePatch);
}

function asking(requests: Record<string, string>): Partial<V1PodSpec> {
  return { containers: [{ name: "main", image: "none", resources: { requests } }] };
}

/** Asks for the diff that removes the leaving node; returns what stays on the roster's row. */
async function preview(drain: Partial<DrainPolicy> = {}, joining: readonly string[] = []): Promise<string[]> {
  const pools = [{ name: "workers", maxUnavailable: 1, drain: { ...strict, ...drain } }];
  const olds = rosterInputs([leaving.nodeName, staying.nodeName], { pools });
  const news = rosterInputs([staying.nodeName, ...joining], { pools });
  expect(await provider.of("Roster").diff(olds, news)).toEqual({ changes: true, replaces: [] });
  // Names of namespaces are random.
  return remarks(provider, urn).map((line) => line.replaceAll(leaving.namespace, "shop"));
}

const about = (lines: readonly string[], words: RegExp) => lines.filter((line) => words.test(line));
const requests = () => [...new Set(proxy.requests.map(({ method, path }) => `${method} ${path}`))].sort();

describe("budgets", () => {
  it("V30 says that one of two pods goes now and one waits", async () => {
    await createPod("cart-0");
    await createPod("cart-1");
    await leaving.createBudget(
      "web",
      { maxUnavailable: 1 },
      { disruptionsAllowed: 1, expectedPods: 2, desiredHealthy: 1, currentHealthy: 2 },
    );
    expect(about(await preview(), /budget/)).toEqual([
      "info: budget shop/web allows 1 of 2 evictions at once: 1 now, 1 waits, 2 rounds",
    ]);
  });

  it("V29 reports an exhausted budget and returns", async () => {
    await createPod("cart-0");
    const numbers = { disruptionsAllowed: 0, expectedPods: 3, desiredHealthy: 2, currentHealthy: 2 };
    await leaving.createBudget("web", { minAvailable: 2 }, numbers);
    expect(about(await preview(), /budget/)).toEqual([
      "warning: budget shop/web allows none of 1 eviction now (needs 2 healthy, has 2): the drain waits for it",
    ]);
  });

  it("V03 V04 tells which budgets can never allow it, alone or because two select a pod", async () => {
    await createPod("cart-0");
    await createPod("db-0", {}, { app: "db" });
    const open = { disruptionsAllowed: 5, expectedPods: 9, desiredHealthy: 1, currentHealthy: 9 };
    const selecting = (app: string) => ({ selector: { matchLabels: { app } } });
    await leaving.createBudget("never", { maxUnavailable: 0, ...selecting("web") }, {});
    await leaving.createBudget("one", { minAvailable: 1, ...selecting("db") }, open);
    await leaving.createBudget("two", { minAvailable: 1, ...selecting("db") }, open);
    expect(about(await preview({ onTimeout: "deletePods" }), /budget/i)).toEqual([
      "warning: budget shop/never can never allow an eviction, maxUnavailable is 0: shop/cart-0",
      "warning: no eviction is possible while several budgets (shop/one, shop/two) select: shop/db-0",
      "warning: BUDGETS WILL BE BYPASSED on node-shop (drain.onTimeout is deletePods): pods that they still hold are deleted so as to be gone after 10 s; now shop/never, shop/one, shop/two, for shop/cart-0, shop/db-0",
    ]);
  });
});

it("37 names the owners of the pods that a new taint of effect NoExecute evicts", async () => {
  await createPod("cart-0");
  await createPod("db-0", { tolerations: [{ operator: "Exists" }] });
  const olds = rosterInputs([leaving.nodeName, staying.nodeName]);
  const noExecute = [{ key: "dedicated", value: "batch", effect: "NoExecute" as const }];
  const members = olds.members.map((member) => ({ ...member, noExecute }));
  await provider.of("Roster").diff(olds, { ...olds, members });
  expect(remarks(provider, urn).map((line) => line.replaceAll(leaving.namespace, "shop"))).toEqual([
    "warning: new taint dedicated=batch:NoExecute on node-shop evicts 1 pod without asking budgets: shop/StatefulSet cart 1",
  ]);
});

describe("room", () => {
  it("P12 sums per resource what is missing on what stays, not counting what joins", async () => {
    await createPod("cart-0", asking({ cpu: "3", memory: "1Gi" }));
    await createPod("cart-1", asking({ cpu: "3", memory: "1Gi" }));
    await createPod("gpu-0", { nodeSelector: { gpu: "yes" } });
    expect(about(await preview({}, ["w4", "w5"]), /room|place/)).toEqual([
      "warning: no place for 1 pod, by taints, nodeSelector, node affinity or volumes, on the 1 node that stays and takes pods, not counting w4, w5 that join: shop/gpu-0",
      "warning: no room by requests for 1 pod on the 1 node that stays and takes pods, not counting w4, w5 that join: shop/cart-1; missing cpu 2 (3 asked, 1 left)",
      "info: room by requests for 1 pod on the 1 node that stays and takes pods, not counting w4, w5 that join",
    ]);
  });

  it("reads volumes only for pods with claims, and names those that do not move", async () => {
    const { core, namespace, nodeName } = leaving;
    const terms = [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }];
    const spec = {
      accessModes: ["ReadWriteOnce"],
      capacity: { storage: "1Gi" },
      claimRef: { namespace, name: "data-db-0" },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
      local: { path: "/mnt" },
    };
    const name = `pv-${namespace}`;
    await core.createPersistentVolume({ body: { metadata: { name }, spec } });
    await core.patchPersistentVolumeStatus({ name, body: { status: { phase: "Bound" } } }, mergePatch);
    await createPod("db-0", {
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data-db-0" } }],
    });
    expect(about(await preview(), /volume|elsewhere|room/)).toEqual([
      "warning: local volumes do not move: shop/data-db-0 (pv-shop)",
      "warning: cannot run elsewhere: shop/db-0: bound to leaving nodes by shop/data-db-0 (pv-shop)",
    ]);
    expect(proxy.count("GET", "/persistentvolumes")).toBe(1);
    await core.deletePersistentVolume({ name });
  });
});

describe("the cluster", () => {
  const versions = async () => {
    const { core, policy } = leaving;
    const lists = [
      core.listNode(),
      core.listPodForAllNamespaces(),
      policy.listPodDisruptionBudgetForAllNamespaces(),
    ];
    const items = (await Promise.all(lists)).flatMap((list) => list.items.map(({ metadata }) => metadata));
    return items.map((metadata) => `${metadata?.namespace}/${metadata?.name} ${metadata?.resourceVersion}`);
  };

  it("V32 is as it was before, after four requests that only read", async () => {
    await createPod("cart-0");
    await leaving.createPod("agent-1", { owner: { kind: "DaemonSet", name: "agent" } });
    await leaving.createDaemonSet("agent");
    await leaving.createBudget("web", { maxUnavailable: 1 }, { disruptionsAllowed: 1 });
    const before = await versions();
    await preview();
    expect(await versions()).toEqual(before);
    expect(requests()).toEqual([
      `GET /api/v1/nodes`,
      `GET /api/v1/pods`,
      `GET /apis/apps/v1/namespaces/${leaving.namespace}/daemonsets/agent`,
      `GET /apis/policy/v1/poddisruptionbudgets`,
    ]);
    expect(proxy.requests).toHaveLength(4);
  });

  it("is asked for namespaces when a drain rule selects by them", async () => {
    const { core, namespace } = leaving;
    await core.patchNamespace(
      { name: namespace, body: { metadata: { labels: { kind: "cache" } } } },
      mergePatch,
    );
    await createPod("cache-0");
    const rules = [{ name: "caches", namespaces: "kind=cache", action: "skip" } as const];
    expect(about(await preview({ rules }), /end with/)).toEqual([
      'warning: end with their host: pods skipped by rule "caches": shop/cache-0',
    ]);
    expect(proxy.count("GET", "/namespaces")).toBe(1);
  });
});

describe("what may not be read", () => {
  it("is named, and all the rest is told", async () => {
    await createPod("cart-0");
    proxy.onRequest = ({ path }) =>
      path.endsWith("/poddisruptionbudgets") ? { status: 403, body: forbidden } : undefined;
    expect((await preview()).slice(1)).toEqual([
      "info: 1 pod moves: shop/StatefulSet cart 1",
      "warning: down while they move, there is no other pod: shop/StatefulSet cart",
      "info: room by requests for 1 pod on the 1 node that stays and takes pods",
      "warning: not known: what budgets allow: listing PodDisruptionBudgets: not for you (403)",
    ]);
  });

  it("leaves the names of the nodes when it is the pods", async () => {
    proxy.onRequest = ({ path }) => (path.endsWith("/pods") ? { status: 403, body: forbidden } : undefined);
    expect(await preview()).toEqual([
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
    await provider[Symbol.asyncDispose]();
    vi.stubEnv("NODEPOOLS_FACTS", "json");
    provider = await startProvider(configFor(proxy.kubeconfig));
    vi.unstubAllEnvs();
    await createPod("cart-0");
    const told = (await preview()).map((line) => line.split(/: (.*)/s));
    expect(told.map(([severity, text]) => [severity, JSON.parse(text ?? "")])).toEqual([
      ["info", { kind: "leaving", severity: "info", nodes: ["node-shop"] }],
      ["info", { kind: "moves", severity: "info", owners: [{ owner: "shop/StatefulSet cart", pods: 1 }] }],
      ["info", { kind: "down", severity: "warning", owners: ["shop/StatefulSet cart"] }],
      ["info", { kind: "fits", severity: "info", pods: 1, nodes: 1, joining: [] }],
    ]);
  });
});
