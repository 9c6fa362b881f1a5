// Maintenance and lost machines in the real provider process, on a real API server.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { enrollmentOutputs, rosterInputs, urnOf } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import {
  configFor,
  deadPort,
  declaredOn,
  joinedNode,
  listIsStale,
  memberOn,
  remarks,
  type Site,
  startOn,
  startSite,
  thisMachine,
} from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

beforeEach(() => {
  site.provider.lines.length = 0;
});

type TestNode = Awaited<ReturnType<typeof joinedNode>>;

const said = (node: TestNode, provider = site.provider) =>
  remarks(provider, urnOf("NodeMembership", node.nodeName));
const maintenance = { schedulable: false, drained: true };
const drainedOnce = (pods: string) => [expect.stringMatching(`^info: drained: ${pods} moved, \\d+ s$`)];

describe("a member that is declared in maintenance", () => {
  const update = (node: TestNode, olds: object, news: object) =>
    site.provider
      .of("NodeMembership")
      .update(memberOn(site, node.nodeName, olds), declaredOn(site, node.nodeName, news));

  it("is cordoned and drained", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    await using _ = node.kubelet();
    const outs = await update(node, {}, maintenance);
    expect(outs).toMatchObject({ drained: true, observed: { schedulable: false } });
    expect([await node.podNames(), await node.isCordoned()]).toEqual([[], true]);
    expect(said(node)).toEqual(drainedOnce("1 pod"));
  });

  it("is drained when it joins as well", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    await using _ = node.kubelet();
    await listIsStale();
    await site.provider.of("NodeMembership").create(declaredOn(site, node.nodeName, maintenance));
    expect([await node.podNames(), await node.isCordoned()]).toEqual([[], true]);
  });

  it("is not drained again by other changes, unless somebody had uncordoned it", async () => {
    const node = await joinedNode(site.api, { cordoned: true });
    const relabelled = { ...maintenance, labels: { tier: "general" } };
    await node.createPod("of-daemon-set", { owner: { kind: "DaemonSet" } });
    await update(node, maintenance, relabelled);
    expect([await node.podNames(), said(node)]).toEqual([["of-daemon-set"], []]);
    await node.createPod("late", { owner: "none" });
    await node.setCordoned(false);
    await expect(update(node, relabelled, relabelled)).rejects.toThrow(/pods may not be evicted/);
    expect(await node.isCordoned()).toBe(true);
  });

  it("J-M15 is drained again when it got pods and was cordoned by hand after that, which a refresh shows", async () => {
    const node = await joinedNode(site.api, { cordoned: true });
    await node.createPod("web-1");
    await using _ = node.kubelet();
    // A process of its own: a list of Nodes that was slow to come serves a refresh for up to half a minute.
    await using fresh = await startOn(site);
    const inState = memberOn(site, node.nodeName, maintenance);
    const { props } = await fresh.of("NodeMembership").read(inState);
    expect(props).toMatchObject({ drained: false });
    expect(said(node, fresh)[0]).toMatch(/drained for maintenance, and has pods again/);
    await update(node, maintenance, { ...maintenance, labels: { tier: "general" } });
    expect([await node.podNames(), said(node)]).toEqual([[], drainedOnce("1 pod")]);
  });

  it("stays cordoned when its drain fails, and the next run goes on", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("bare", { owner: "none" });
    await expect(update(node, {}, maintenance)).rejects.toThrow(
      /1 pod may not be evicted; no pod was evicted/,
    );
    expect(await node.isCordoned()).toBe(true);
    await node.core.deleteNamespacedPod({ namespace: node.namespace, name: "bare", gracePeriodSeconds: 0 });
    await update(node, {}, maintenance);
    expect(said(node)).toEqual(drainedOnce("0 pods"));
  });

  it("is uncordoned in place when it is declared active again", async () => {
    const node = await joinedNode(site.api, { cordoned: true });
    await update(node, maintenance, {});
    expect([await node.isCordoned(), said(node)]).toEqual([false, []]);
  });

  it("waits for a node of its pool that is down, and fails naming it; that one itself is drained", async () => {
    const inPool = { marks: { pool: "pair" } };
    const [down, up] = [
      await joinedNode(site.api, { ...inPool, notReady: "kubelet stopped" }),
      await joinedNode(site.api, inPool),
    ];
    await listIsStale();
    const drain = { timeoutSeconds: 1, deleteEmptyDirData: false, force: false };
    const news = { ...maintenance, drain, pool: "pair" };
    await up.createPod("web-1");
    await expect(update(up, { pool: "pair" }, news)).rejects.toThrow(
      `taking node "${up.nodeName}" of pool "pair" out of service: no slot in 1 s (drain.timeoutSeconds), maxUnavailable is 1; down: ${down.nodeName}.`,
    );
    expect(await up.podNames()).toEqual(["web-1"]);
    await update(down, { pool: "pair" }, { ...maintenance, pool: "pair" });
    expect(said(down)).toEqual(drainedOnce("0 pods"));
  });
});

describe("a member that is declared lost", () => {
  const declareLost = async (node: TestNode, provider = site.provider) => {
    const declared = rosterInputs([], { lost: [{ node: node.nodeName, rejoinTrigger: "" }] });
    await provider.of("Roster").diff(declared, declared);
  };
  const silent = async () => {
    const node = await joinedNode(site.api);
    await node.setReady("Unknown");
    return node;
  };
  /** State of a member whose host nobody reaches: contacting it would fail. */
  const outOfReach = async (node: TestNode) =>
    memberOn(site, node.nodeName, { host: { ...site.sshd.host, port: await deadPort() } });

  it("J-29 is removed at once with all its pods, and its host is not contacted", async () => {
    const node = await silent();
    await node.createPod("web-1");
    await node.createPod("bare", { owner: "none", grace: 600 });
    await node.createPod("agent", { owner: { kind: "DaemonSet", name: "agent" } });
    await declareLost(node);
    await site.provider.of("NodeMembership").remove(await outOfReach(node));
    await expect(node.read()).rejects.toThrow(/not found/);
    expect(await node.podNames()).toEqual([]);
    const { namespace } = node;
    expect(said(node)).toEqual([
      `info: lost: Node deleted, 3 pods removed (${namespace}/agent, ${namespace}/bare, ${namespace}/web-1)`,
      "warning: the machine was not contacted: keep it disconnected until it is wiped. It becomes a node again only with a new rejoinTrigger, which resets it",
    ]);
  });

  it("leaves pods that finalizers keep to their owners, and says so", async () => {
    const node = await silent();
    await node.createPod("held", { finalizers: ["example.com/held"] });
    await declareLost(node);
    await site.provider.of("NodeMembership").remove(await outOfReach(node));
    expect(await node.isTerminating("held")).toBe(true);
    expect(said(node)).toContain(
      `warning: 1 pod deleted, but kept by finalizers until their owners remove these: ${node.namespace}/held`,
    );
    await node.release("held");
  });

  it.each(["True", "False"] as const)("is refused while its kubelet reports (Ready is %s)", async (ready) => {
    const node = await joinedNode(site.api);
    await node.setReady(ready);
    await node.createPod("web-1");
    await declareLost(node);
    await expect(site.provider.of("NodeMembership").remove(await outOfReach(node))).rejects.toThrow(
      `removing lost node "${node.nodeName}": its kubelet still reports (Ready is not Unknown).`,
    );
    expect(await node.podNames()).toEqual(["web-1"]);
  });

  it("gives up its enrollment without contacting the host, and its Node when that is there again", async () => {
    const node = await silent();
    const { host } = await outOfReach(node);
    await declareLost(node);
    const enrolled = enrollmentOutputs({ node: node.nodeName, machineId: thisMachine, host });
    await site.provider.of("HostEnrollment").remove(enrolled);
    await expect(node.read()).rejects.toThrow(/not found/);
  });

  it("is known from the stack config when nothing else runs, as on destroy", async () => {
    const node = await silent();
    const hosts = [{ name: node.nodeName, address: "192.0.2.1", state: "lost" }];
    const pools = JSON.stringify([{ name: "workers", hosts }]);
    const config = { ...configFor(site.api.kubeconfigPath, site.sshd.credentials), "nodepools:pools": pools };
    await using provider = await startProvider(config);
    await provider.of("NodeMembership").remove(await outOfReach(node));
    await expect(node.read()).rejects.toThrow(/not found/);
  });
});
