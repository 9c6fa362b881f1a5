// What Roster.check refuses at preview, in the real provider process and on a real API server.
import { rootCertificates } from "node:tls";
import { RbacAuthorizationV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { RosterInputs } from "../../../components/providers/roster/state.ts";
import { adminConfig } from "../../support/admin-config.ts";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { enrollmentInputs, rosterInputs } from "../../support/provider-inputs.ts";
import { type ProviderProcess, startProvider } from "../../support/provider-process.ts";
import { configFor, deadPort, joinedNode, listIsStale } from "./site.ts";

let api: ApiServer;
let provider: ProviderProcess;

beforeAll(async () => {
  api = await startApiServer();
  provider = await startProvider(configFor(api.kubeconfigPath));
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
  await api.stop();
});

const check = (olds: object, news: object) => provider.of("Roster").check(olds, news);
const refusals = async (olds: object, news: object) => (await check(olds, news)).failures;

function limited(nodes: readonly string[], limits: object, more: Partial<RosterInputs> = {}): RosterInputs {
  const { pools } = rosterInputs([]);
  return rosterInputs(nodes, { pools: pools.map((pool) => ({ ...pool, limits })), ...more });
}

describe("the limits of a pool", () => {
  it("refuse nothing of a roster that is created now", async () => {
    const news = limited(["w1", "w2", "w3"], { minReady: 9 });
    expect(await check({}, news)).toEqual({ inputs: news, failures: [] });
  });

  it("J-35 refuse more removals than the default allows, and not with the override", async () => {
    const olds = rosterInputs(["w1", "w2", "w3"]);
    expect(await refusals(olds, rosterInputs(["w1"]))).toEqual([
      'pool "workers": 2 of 3 nodes leave (w2, w3), limits.maxRemovals allows 1. If that is meant, set limits.maxRemovals: 2 in pool "workers" for this run',
    ]);
    expect(await refusals(olds, limited(["w1"], { maxRemovals: 2 }))).toEqual([]);
  });

  it("refuse a removal that leaves fewer Ready nodes than are needed; nodes that join count", async () => {
    const [well, ill] = [await joinedNode(api), await joinedNode(api, { notReady: "broken" })];
    await listIsStale();
    const olds = rosterInputs(["leaves", well.nodeName, ill.nodeName]);
    const staying = [well.nodeName, ill.nodeName];
    expect(await refusals(olds, limited(staying, { minReady: 2 }))).toEqual([
      'pool "workers": 1 Ready nodes would stay, limits.minReady is 2. Mend or add nodes first, or lower limits.minReady for this run',
    ]);
    expect(await refusals(olds, limited([...staying, "joins"], { minReady: 2 }))).toEqual([]);
  });

  it("take a node in maintenance for one that is not there, and of those that reboot as many as are down at once", async () => {
    const nodes = [await joinedNode(api), await joinedNode(api), await joinedNode(api)];
    await listIsStale();
    const names = nodes.map(({ nodeName }) => nodeName);
    const declared = (more: object, only = names) =>
      names.map((node) => ({ node, pool: "workers", ...(only.includes(node) && more) }));
    const need = (minReady: number, members: RosterInputs["members"]) =>
      refusals(rosterInputs(names), limited([], { minReady }, { members }));
    expect(await need(2, declared({ rebootTrigger: "1" }))).toEqual([]);
    expect(await need(3, declared({ rebootTrigger: "1" }))).toHaveLength(1);
    expect(await need(2, declared({ maintenance: true }, names.slice(1)))).toHaveLength(1);
  });

  it("refuse when the Nodes that are needed cannot be counted", async () => {
    const dead = api.kubeconfigText.replace(api.url, `https://127.0.0.1:${await deadPort()}`);
    await using cutOff = await startProvider(configFor(dead));
    const roster = cutOff.of("Roster");
    const { failures } = await roster.check(rosterInputs(["w1", "w2"]), limited(["w1"], { minReady: 1 }));
    expect(failures).toEqual([expect.stringMatching(/^limits\.minReady cannot be checked: listing Nodes: /)]);
    expect((await roster.check(rosterInputs(["w1", "w2"]), rosterInputs(["w1"]))).failures).toEqual([]);
  });
});

describe("D6 an access that is declared anew", () => {
  const declared = (accessNamespace: string) => rosterInputs(["w1"], { accessNamespace });

  it("is refused in a namespace that is not there, and asked about only once", async () => {
    expect(await refusals({}, declared("ops"))).toEqual([
      'access: namespace "ops" does not exist. Create it first (`kubectl create namespace ops`)',
    ]);
    expect(await refusals(declared("ops"), declared("ops"))).toEqual([]);
    expect(await refusals({}, declared("kube-system"))).toEqual([]);
  });

  it("is refused where another stack has its own, and not where that is this stack by its former name", async () => {
    const config = adminConfig(api.kubeconfigText);
    const rbac = config.makeApiClient(RbacAuthorizationV1Api);
    const annotations = { "nodepools.local/owner": "acme/nodepools/prod" };
    await rbac.createClusterRole({ body: { metadata: { name: "nodepools", annotations } } });
    onTestFinished(() => rbac.deleteClusterRole({ name: "nodepools" }).then(() => undefined));
    expect(await refusals({}, declared("kube-system"))).toEqual([
      expect.stringMatching(/^access: ClusterRole "nodepools" belongs to stack "acme\/nodepools\/prod"/),
    ]);
    const former = rosterInputs(["w1"], { owner: "acme/nodepools/prod" });
    expect(await refusals(former, declared("kube-system"))).toEqual([]);
  });
});

it("D2 an agent that is gone is refused when a host is to join, once for all, and else asked for by nobody", async () => {
  const gone = { SSH_AUTH_SOCK: "/run/nodepools-test/gone.sock" };
  await using stale = await startProvider(configFor(api.kubeconfigPath), gone);
  const asked = async (olds: object, news: object) => (await stale.of("Roster").check(olds, news)).failures;
  const told = [
    expect.stringMatching(/^SSH_AUTH_SOCK is \/run\/nodepools-test\/gone\.sock, where no agent answers/),
  ];
  const olds = rosterInputs(["w1"]);
  const rejoined = rosterInputs([], { members: [{ node: "w1", pool: "workers", rejoinTrigger: "2" }] });
  expect(await asked({}, rosterInputs(["w1", "w2"]))).toEqual(told);
  expect(await asked(olds, rejoined)).toEqual(told);
  expect(await asked(olds, rosterInputs(["w1"]))).toEqual([]);
  const enrolling = stale.of("HostEnrollment").create(enrollmentInputs({ node: "w3" }));
  await expect(enrolling).rejects.toThrow('enrolling host "w3": SSH_AUTH_SOCK is');
});

describe("a host that is declared lost", () => {
  const lost = (node: string, rejoinTrigger = "") => ({ lost: [{ node, rejoinTrigger }] });

  it("is refused while its kubelet reports", async () => {
    const [well, silent] = [await joinedNode(api), await joinedNode(api)];
    await silent.setReady("Unknown");
    await listIsStale();
    const without = (node: string) => rosterInputs(["w9"], lost(node));
    expect(await refusals(rosterInputs([well.nodeName, "w9"]), without(well.nodeName))).toEqual([
      `lost node "${well.nodeName}": its kubelet still reports (Ready is not Unknown). Power the machine off and wait until it does not (about 50 s), or take it out with state: spare`,
    ]);
    expect(await refusals(rosterInputs([silent.nodeName, "w9"]), without(silent.nodeName))).toEqual([]);
  });

  it("is ignored when it never was a member", async () => {
    const node = await joinedNode(api);
    await listIsStale();
    expect(await refusals(rosterInputs(["w9"]), rosterInputs(["w9"], lost(node.nodeName)))).toEqual([]);
  });

  it("is remembered until it is a member again, which takes a new rejoinTrigger", async () => {
    const forgotten = rosterInputs(["w9"]);
    const { inputs: remembered } = await check(rosterInputs(["w9"], lost("w1")), forgotten);
    expect(remembered).toEqual({ ...forgotten, ...lost("w1"), lostNow: [] });
    const back = (rejoinTrigger: string) =>
      rosterInputs([], { members: [{ node: "w1", pool: "workers", rejoinTrigger }] });
    expect(await refusals(remembered, back(""))).toEqual([
      expect.stringMatching(/^host "w1" was declared lost, .*Give it a new rejoinTrigger/),
    ]);
    const pending = [expect.objectContaining({ node: "w9" })];
    expect(await check(remembered, back("2"))).toEqual({ inputs: { ...back("2"), pending }, failures: [] });
  });
});

describe("J-22 a version that hosts are prepared for", () => {
  const prepared = (nodes: readonly string[], kubernetes: string): RosterInputs => {
    const { pools } = rosterInputs([]);
    return rosterInputs(nodes, { pools: pools.map((pool) => ({ ...pool, kubernetes })) });
  };

  it.each(["1.35", "1.30.2", "2.34.0"])(
    "is refused when a host joins and the API server's minor differs: %s",
    async (version) => {
      expect(await refusals({}, prepared(["w1"], version))).toEqual([
        expect.stringMatching(
          new RegExp(
            `^pool "workers": prepare\\.kubernetes is ${version}, the API server v1\\.34\\.\\d+\\. kubeadm joins only .*: declare "1\\.34"$`,
          ),
        ),
      ]);
    },
  );

  it.each(["1.34", "1.34.0"])("is accepted when the minor is the same: %s", async (version) => {
    expect(await refusals({}, prepared(["w1"], version))).toEqual([]);
  });

  it("does not matter for a host that is a node already, whatever its version", async () => {
    const node = await joinedNode(api);
    await listIsStale();
    expect(await refusals({}, prepared([node.nodeName], "1.33"))).toEqual([]);
    expect(await refusals({}, prepared([node.nodeName, "new"], "1.33"))).toHaveLength(1);
  });

  it("does not matter while no host of the pool joins, or the cluster cannot be asked", async () => {
    expect(await refusals(rosterInputs(["w1", "w2"]), prepared(["w1"], "1.33"))).toEqual([]);
    const dead = api.kubeconfigText.replace(api.url, `https://127.0.0.1:${await deadPort()}`);
    await using cutOff = await startProvider(configFor(dead));
    const olds = rosterInputs(["w2"]);
    expect((await cutOff.of("Roster").check(olds, prepared(["w1", "w2"], "1.33"))).failures).toEqual([]);
  });
});

describe("J-C19 J-C9 a first preview asks the server", () => {
  const firstPreview = async (kubeconfig: string) => {
    await using asking = await startProvider(configFor(kubeconfig));
    return (await asking.of("Roster").check({}, rosterInputs(["w1", "w2"]))).failures;
  };

  it("and refuses one that is not the kubeconfig's, in one message", async () => {
    const others = Buffer.from(rootCertificates[0] ?? "").toString("base64");
    const wrong = api.kubeconfigText.replace(
      /certificate-authority(-data)?: [^,}\s]+/,
      `certificate-authority-data: ${others}`,
    );
    expect(wrong).toContain(others);
    expect(await firstPreview(wrong)).toEqual([
      expect.stringMatching(
        `^reading the server's version: no answer: the certificate of ${api.url} is not from the CA in the kubeconfig`,
      ),
    ]);
  });

  it("and refuses a kubeconfig that cannot be used, by the field", async () => {
    const wrong = api.kubeconfigText.replace(/user: \{ /, "user: { as-groups: [a], ");
    expect(await firstPreview(wrong)).toEqual([expect.stringMatching(/, as-groups: given without `as`/)]);
  });

  it("and goes on with the right one", async () => {
    expect(await firstPreview(api.kubeconfigText)).toEqual([]);
  });
});
