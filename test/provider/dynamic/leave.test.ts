// What a removal does in the real provider process, up to the reset of the host: refusals and the drain.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { membershipInputs, rosterInputs, urnOf } from "../../support/provider-inputs.ts";
import {
  deadPort,
  declaredOn,
  joinedNode,
  memberOn,
  remarks,
  type Site,
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

const said = (node: string) => remarks(site.provider, urnOf("NodeMembership", node));

describe("delete of a membership", () => {
  const remove = (props: object) => site.provider.of("NodeMembership").remove(props);

  it("drains the node and leaves it cordoned", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    await node.createPod("web-2");
    await using _ = node.kubelet();
    await remove(memberOn(site, node.nodeName));
    expect(await node.podNames()).toEqual([]);
    expect(await node.isCordoned()).toBe(true);
    expect(said(node.nodeName)).toEqual([expect.stringMatching(/^info: drained: 2 pods moved, \d+ s$/)]);
  });

  it("D-P10 fails when a pod may not be evicted, and succeeds when it is run again without it", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("bare", { owner: "none" });
    await expect(remove(memberOn(site, node.nodeName))).rejects.toThrow(
      /1 pod may not be evicted; no pod was evicted/,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["bare"], true]);
    await node.core.deleteNamespacedPod({ namespace: node.namespace, name: "bare", gracePeriodSeconds: 0 });
    await remove(memberOn(site, node.nodeName));
    expect(said(node.nodeName)).toEqual([expect.stringMatching(/^info: drained: 0 pods moved, \d+ s$/)]);
  });

  it("succeeds when the Node is gone", async () => {
    await remove(memberOn(site, "vanished"));
    expect(said("vanished")).toEqual(['info: node "vanished" is not in the cluster: nothing to drain']);
  });

  it.each([
    [{ owner: "acme/nodepools/other" }, "it belongs to stack acme/nodepools/other"],
    [{ machineId: "another" }, `it is another machine now (machine-id another, ours was ${thisMachine})`],
  ])("leaves alone a Node that is not ours any more: %j", async (wish, reason) => {
    const node = await joinedNode(site.api, wish);
    await node.createPod("web-1");
    await remove(memberOn(site, node.nodeName));
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
    expect(said(node.nodeName)).toEqual([`warning: node "${node.nodeName}" is left alone: ${reason}`]);
  });

  it("fails for a Node with the stack's mark that says it is another machine: its kubelet writes that", async () => {
    const node = await joinedNode(site.api, { machineId: "another", marks: { pool: "workers" } });
    await node.createPod("web-1");
    await expect(remove(memberOn(site, node.nodeName))).rejects.toThrow(
      `draining node "${node.nodeName}": it is another machine now (machine-id another, ours was ${thisMachine}), although the Node carries this stack's mark.`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });

  it("drains a Node of which a kubelet says that another stack owns it", async () => {
    const node = await joinedNode(site.api, { marks: { pool: "workers" }, owner: "acme/nodepools/other" });
    expect((await node.marks()).owner).toMatchObject({ guarded: true });
    await remove(memberOn(site, node.nodeName));
    expect(await node.isCordoned()).toBe(true);
  });

  it("D-P08 touches no pod when the host cannot be reached, because it could not be reset", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    const host = { ...site.sshd.host, port: await deadPort() };
    await expect(remove(memberOn(site, node.nodeName, { host }))).rejects.toThrow(
      new RegExp(
        `connecting to host "root@127.0.0.1:${host.port}": connect ECONNREFUSED.*, declare host "${node.nodeName}" with state: lost`,
      ),
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });

  it("touches no pod when another machine answers at the host's address", async () => {
    const node = await joinedNode(site.api, { machineId: "former" });
    await node.createPod("web-1");
    const member = memberOn(site, node.nodeName, { machineId: "former" });
    await expect(remove(member)).rejects.toThrow(
      `releasing host "${node.nodeName}": nothing was reset, another machine answers at 127.0.0.1 (machine-id ${thisMachine}, joined was former)`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });

  it("D-P14 drains by what the pool declares now, not by what it declared when the node joined", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("bare", { owner: "none" });
    await using _ = node.kubelet();
    const strict = { timeoutSeconds: 10, deleteEmptyDirData: false, force: false };
    const pool = { name: "raised", maxUnavailable: 1, drain: { ...strict, force: true } };
    const declared = rosterInputs([], { pools: [pool] });
    await site.provider.of("Roster").diff(declared, declared);
    await remove(memberOn(site, node.nodeName, { pool: "raised", drain: strict }));
    expect(await node.podNames()).toEqual([]);
  });

  it("drains by what the node's own host declares now, where its pool is stricter", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("bare", { owner: "none" });
    await using _ = node.kubelet();
    const strict = { timeoutSeconds: 10, deleteEmptyDirData: false, force: false };
    const hostDrains = { [node.nodeName]: { ...strict, force: true } };
    const declared = rosterInputs([], {
      pools: [{ name: "mixed", maxUnavailable: 1, drain: strict, hostDrains }],
    });
    await site.provider.of("Roster").diff(declared, declared);
    await remove(memberOn(site, node.nodeName, { pool: "mixed", drain: strict }));
    expect(await node.podNames()).toEqual([]);
  });

  it("J-28 D-P02 drains one node of a pool after the other when maxUnavailable is 1", async () => {
    const nodes = [await joinedNode(site.api), await joinedNode(site.api)] as const;
    await Promise.all(nodes.map((node) => node.createPod("web-1")));
    const terminating = async () =>
      (await Promise.all(nodes.map((node) => node.isTerminating("web-1")))).filter(Boolean).length;
    const removals = nodes.map((node) => remove(memberOn(site, node.nodeName, { pool: "paced" })));
    // Nobody ends the first pod, so that the second node's turn does not come.
    await vi.waitUntil(async () => (await terminating()) > 0, { timeout: 20_000, interval: 100 });
    await sleep(2000);
    expect(await terminating()).toBe(1);
    await using _one = nodes[0].kubelet();
    await using _two = nodes[1].kubelet();
    await Promise.all(removals);
    expect(await Promise.all(nodes.map((node) => node.podNames()))).toEqual([[], []]);
    const waits = site.provider.lines.filter(({ message }) => message.startsWith("waiting for a slot "));
    expect(waits.filter(({ ephemeral }) => !ephemeral)).toEqual([]);
    expect([...new Set(waits.map(({ message }) => message))]).toEqual([
      expect.stringMatching(
        /^waiting for a slot in pool paced \(maxUnavailable: 1\); being drained or rebooted: node-t-\w+$/,
      ),
    ]);
  });

  it("J-H05 whoever holds one node's removal up holds no other's of its pool", async () => {
    const [held, other] = [await joinedNode(site.api), await joinedNode(site.api)];
    const key = "pre-drain.delete.hook.machine.cluster.x-k8s.io/backup";
    await held.patch({ metadata: { annotations: { [key]: "velero" } } });
    await other.createPod("web-1");
    await using _ = other.kubelet();
    const inPool = { pool: "held", drain: { timeoutSeconds: 60, deleteEmptyDirData: false, force: false } };
    const holding = remove(memberOn(site, held.nodeName, inPool));
    const isHeld = () =>
      site.provider.lines.some(({ message }) => /^held \d+ s of 60 s by velero/.test(message));
    await vi.waitUntil(isHeld, { timeout: 20_000, interval: 100 });
    await remove(memberOn(site, other.nodeName, inPool));
    expect(await other.podNames()).toEqual([]);
    expect(said(held.nodeName)).toEqual([]);
    await held.patch({ metadata: { annotations: { [key]: null } } });
    await holding;
    expect(said(held.nodeName)).toEqual([expect.stringMatching(/^info: drained: 0 pods moved/)]);
  });
});

describe("check", () => {
  it("passes everything through, unknown values too", async () => {
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const { joinId: _, ...rest } = membershipInputs();
    const inputs = { ...rest, joinId: unknown };
    const { check, diff } = site.provider.of("NodeMembership");
    expect(await check({}, inputs)).toMatchObject({ inputs, failures: [] });
    const replaced = await diff(memberOn(site, "w1"), { ...declaredOn(site, "w1"), joinId: unknown });
    expect(replaced).toEqual({ changes: true, replaces: ["joinId"] });
  });
});
