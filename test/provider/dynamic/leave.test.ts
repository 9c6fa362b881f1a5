// What a removal does in the real provider process, up to the reset of the host: refusals, the drain, missing Nodes.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openSession } from "../../../components/ssh/session.ts";
import { startApiServer } from "../../support/api-server.ts";
import {
  enrollmentInputs,
  enrollmentOutputs,
  membershipInputs,
  rosterInputs,
  urnOf,
} from "../../support/provider-inputs.ts";
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

  it("fails when a pod may not be evicted, and succeeds when it is run again without it", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("bare", { owner: "none" });
    await expect(remove(memberOn(site, node.nodeName))).rejects.toThrow(
      /1 pod may not be evicted, so none was/,
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

  it("touches no pod when the host cannot be reached, because it could not be reset", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    const host = { ...site.sshd.host, port: await deadPort() };
    await expect(remove(memberOn(site, node.nodeName, { host }))).rejects.toThrow(
      `connect to host "root@127.0.0.1:${host.port}": connect ECONNREFUSED`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });

  it("touches no pod when another machine answers at the host's address", async () => {
    const node = await joinedNode(site.api, { machineId: "former" });
    await node.createPod("web-1");
    const member = memberOn(site, node.nodeName, { machineId: "former" });
    await expect(remove(member)).rejects.toThrow(
      `checking host "${node.nodeName}" at 127.0.0.1: another machine answers there (machine-id ${thisMachine}, joined was former). Correct the address`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });

  it("drains by what the pool declares now, not by what it declared when the node joined", async () => {
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

  it("drains one node of a pool after the other when maxUnavailable is 1", async () => {
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
    const waits = site.provider.lines.filter(({ message }) => message.startsWith("waits "));
    expect(waits.filter(({ ephemeral }) => !ephemeral)).toEqual([]);
    expect([...new Set(waits.map(({ message }) => message))]).toEqual([
      expect.stringMatching(/^waits for pool paced, maxUnavailable is 1; at work on node-t-\w+$/),
    ]);
  });
});

describe("an enrollment", () => {
  const enrolled = (node: string, more: object = {}) =>
    enrollmentOutputs({ node, machineId: thisMachine, host: site.sshd.host, ...more });
  const declared = (node: string) => enrollmentInputs({ node, host: site.sshd.host });

  it("is replaced, and says why, when its Node is missing", async () => {
    const empty = await startApiServer();
    onTestFinished(() => empty.stop());
    await using provider = await startProvider(configFor(empty.kubeconfigPath, site.sshd.credentials));
    const diff = await provider.of("HostEnrollment").diff(enrolled("vanished"), declared("vanished"));
    expect(diff).toEqual({ changes: true, replaces: ["joinConfiguration"] });
    expect(remarks(provider, urnOf("HostEnrollment", "vanished"))).toEqual([
      'warning: node "vanished" is not in the cluster: its host will be reset and joined again',
    ]);
  });

  it("fails an update instead of its replacement while its host cannot be reset", async () => {
    const { diff, update } = site.provider.of("HostEnrollment");
    const olds = enrolled("swapped", { machineId: "none" });
    expect(await diff(olds, declared("swapped"))).toEqual({ changes: true, replaces: [] });
    const reason = `another machine answers at 127.0.0.1 (machine-id ${thisMachine}, joined was none)`;
    expect(remarks(site.provider, urnOf("HostEnrollment", "swapped"))).toEqual([
      expect.stringMatching(
        /^warning: host "swapped" is to be reset and joined again, and cannot be now: releasing host .* Planned as an update, which fails; /,
      ),
    ]);
    await expect(update(olds, declared("swapped"))).rejects.toThrow(
      `releasing host "swapped": nothing was reset, ${reason}`,
    );
  });

  it("fails an update instead of its replacement while a join or reset is at work on its host", async () => {
    await using session = await openSession(site.sshd.host, site.sshd.credentials);
    const hold = "setsid flock /run/nodepools.lock sleep 60 > /dev/null 2>&1 & echo $!";
    const { stdout: pid } = await session.run(hold, { task: "holding the lock", timeoutSeconds: 10 });
    onTestFinished(() => void process.kill(-Number(pid), "SIGKILL"));
    const empty = await startApiServer();
    onTestFinished(() => empty.stop());
    await using provider = await startProvider(configFor(empty.kubeconfigPath, site.sshd.credentials));
    const { diff } = provider.of("HostEnrollment");
    expect(await diff(enrolled("occupied"), declared("occupied"))).toEqual({ changes: true, replaces: [] });
    expect(remarks(provider, urnOf("HostEnrollment", "occupied"))).toEqual([
      expect.stringContaining(
        'releasing host "occupied": a join or reset is at work on it. Wait until it has ended',
      ),
    ]);
  });

  it("has no difference while its Node is there, by name or by machine", async () => {
    const node = await joinedNode(site.api, { machineId: "renamed" });
    await listIsStale();
    const { diff } = site.provider.of("HostEnrollment");
    const none = { changes: false, replaces: [] };
    expect(await diff(enrolled(node.nodeName), declared(node.nodeName))).toEqual(none);
    expect(await diff(enrolled("other", { machineId: "renamed" }), declared("other"))).toEqual(none);
    expect(site.provider.lines).toEqual([]);
  });

  it("is not replaced for a cluster that cannot be asked, which is said once", async () => {
    const dead = site.api.kubeconfigText.replace(site.api.url, `https://127.0.0.1:${await deadPort()}`);
    await using cutOff = await startProvider(configFor(dead, site.sshd.credentials));
    const { diff } = cutOff.of("HostEnrollment");
    const diffs = ["w1", "w2"].map((node) => diff(enrolled(node), declared(node)));
    const none = { changes: false, replaces: [] };
    expect(await Promise.all(diffs)).toEqual([none, none]);
    expect(cutOff.lines.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^missing nodes are not noticed in this run: listing Nodes: no answer: /),
    ]);
  });

  it("takes another address of the same machine and refuses another machine", async () => {
    const { update } = site.provider.of("HostEnrollment");
    const olds = enrolled("w1", { host: { ...site.sshd.host, address: "192.0.2.1" } });
    expect(await update(olds, declared("w1"))).toEqual({ ...olds, host: site.sshd.host });
    await expect(update({ ...olds, machineId: "former" }, declared("w1"))).rejects.toThrow(
      `another machine answers there (machine-id ${thisMachine}, joined was former)`,
    );
  });

  it("keeps its Node and its pods when the host cannot be reached for its reset", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    const host = { ...site.sshd.host, port: await deadPort() };
    const removal = site.provider.of("HostEnrollment").remove(enrolled(node.nodeName, { host }));
    await expect(removal).rejects.toThrow(
      `connect to host "root@127.0.0.1:${host.port}": connect ECONNREFUSED`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
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
