// What the diff of an enrollment asks of cluster and host, in the real provider process.
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openSession } from "../../../components/ssh/session.ts";
import { startApiServer } from "../../support/api-server.ts";
import { enrollmentInputs, enrollmentOutputs, rosterInputs, urnOf } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import {
  configFor,
  deadPort,
  joinedNode,
  listIsStale,
  memberOn,
  remarks,
  type Site,
  startSite,
  thisMachine,
} from "./site.ts";

const otherHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1PQmn1XlLtVOm2cLtxqIJ4G4iY5dBvVYyJ3vYxQ2aS";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

beforeEach(() => {
  site.provider.lines.length = 0;
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
      'warning: node "vanished" is not in the cluster: its host will be reset and joined again. If the host still runs, restarting its kubelet brings the Node back as it was',
    ]);
  });

  it("fails an update instead of its replacement while its host cannot be reset", async () => {
    const { diff, update } = site.provider.of("HostEnrollment");
    const olds = enrolled("swapped", { machineId: "none" });
    expect(await diff(olds, declared("swapped"))).toEqual({ changes: true, replaces: [] });
    const reason = `another machine answers at 127.0.0.1 (machine-id ${thisMachine}, joined was none)`;
    expect(remarks(site.provider, urnOf("HostEnrollment", "swapped"))).toEqual([
      expect.stringMatching(
        /^warning: host "swapped" must be reset and rejoined, but cannot be right now: releasing host .* Shown as an update that will fail; /,
      ),
    ]);
    await expect(update(olds, declared("swapped"))).rejects.toThrow(
      `releasing host "swapped": nothing was reset, ${reason}`,
    );
  });

  describe("while the join of a killed run is at work on its host", () => {
    async function onHost(script: string): Promise<void> {
      await using session = await openSession(site.sshd.host, site.sshd.credentials);
      await session.run(script, { task: "playing a join", timeoutSeconds: 20 });
    }

    const joinBegins = () =>
      onHost(`rm -f /run/join-ended; mkdir -p /run/nodepools; exec 9> /run/nodepools/lock; flock 9
        setsid timeout 60 sh -c 'until [ -e /run/join-ended ]; do sleep 0.1; done' > /dev/null 2>&1 &`);
    const joinEnds = () => onHost("touch /run/join-ended");
    const diffIsWaiting = () =>
      vi.waitFor(
        () =>
          expect(site.provider.lines.map(({ message }) => message)).toContainEqual(
            expect.stringMatching(
              /^waiting for a join or reset that is still at work on the host: \d+ s of 300 s$/,
            ),
          ),
        { timeout: 30_000 },
      );

    it("waits, and is replaced when that join failed", async () => {
      await joinBegins();
      const { diff } = site.provider.of("HostEnrollment");
      const planned = diff(enrolled("cut-short"), declared("cut-short"));
      await diffIsWaiting();
      await joinEnds();
      expect(await planned).toEqual({ changes: true, replaces: ["joinConfiguration"] });
      expect(remarks(site.provider, urnOf("HostEnrollment", "cut-short"))).toHaveLength(1);
    });

    it("waits, and has no difference when that join registered its Node", async () => {
      await joinBegins();
      const { diff } = site.provider.of("HostEnrollment");
      const planned = diff(enrolled("late", { machineId: thisMachine }), declared("late"));
      await diffIsWaiting();
      const node = await joinedNode(site.api, { name: "late", machineId: thisMachine });
      onTestFinished(() => node.core.deleteNode({ name: node.nodeName }).then(() => undefined));
      await joinEnds();
      expect(await planned).toEqual({ changes: false, replaces: [] });
      expect(remarks(site.provider, urnOf("HostEnrollment", "late"))).toEqual([]);
    });
  });

  it("has no difference while its Node is there, whatever its kubelet reports and writes on it", async () => {
    const forged = {
      "nodepools.local/resetting": "2026-01-01T00:00:00Z",
      "nodepools.local/owner": "acme/x/y",
    };
    const node = await joinedNode(site.api, { machineId: "lies", marks: {}, annotations: forged });
    await listIsStale();
    const { diff } = site.provider.of("HostEnrollment");
    const none = { changes: false, replaces: [] };
    expect(await diff(enrolled(node.nodeName), declared(node.nodeName))).toEqual(none);
    expect(site.provider.lines).toEqual([]);
  });

  it("is replaced although another Node says that it is its machine: the host knows of no such node", async () => {
    const liar = await joinedNode(site.api, { machineId: thisMachine });
    onTestFinished(() => liar.core.deleteNode({ name: liar.nodeName }).then(() => undefined));
    await listIsStale();
    const diff = await site.provider.of("HostEnrollment").diff(enrolled("gone"), declared("gone"));
    expect(diff).toEqual({ changes: true, replaces: ["joinConfiguration"] });
  });

  it("is replaced, and says why, when the reset of its host had begun", async () => {
    const node = await joinedNode(site.api, { marks: { resetting: "2026-01-01T00:00:00Z" } });
    await listIsStale();
    const { nodeName } = node;
    const diff = await site.provider.of("HostEnrollment").diff(enrolled(nodeName), declared(nodeName));
    expect(diff).toEqual({ changes: true, replaces: ["joinConfiguration"] });
    expect(remarks(site.provider, urnOf("HostEnrollment", nodeName))).toEqual([
      `warning: node "${nodeName}" carries the mark of a reset of its host that began at 2026-01-01T00:00:00Z and did not end: its host will be reset and joined again`,
    ]);
  });

  describe("that an earlier version had begun to reset", () => {
    const annotations = { "nodepools.local/resetting": "2026-01-01T00:00:00Z" };

    it("is replaced when nothing of a node is on its host any more", async () => {
      const { nodeName } = await joinedNode(site.api, { annotations });
      await listIsStale();
      const diff = await site.provider.of("HostEnrollment").diff(enrolled(nodeName), declared(nodeName));
      expect(diff).toEqual({ changes: true, replaces: ["joinConfiguration"] });
    });

    it("is not replaced when its host does not say so", async () => {
      const { nodeName } = await joinedNode(site.api, { annotations });
      await listIsStale();
      const host = { ...site.sshd.host, port: await deadPort() };
      const declaration = enrollmentInputs({ node: nodeName, host });
      const diff = await site.provider.of("HostEnrollment").diff(enrolled(nodeName, { host }), declaration);
      expect(diff).toEqual({ changes: false, replaces: [] });
    });
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

  describe("whose login is changed", () => {
    const { enrollment, membership, roster } = {
      enrollment: () => site.provider.of("HostEnrollment"),
      membership: () => site.provider.of("NodeMembership"),
      roster: () => site.provider.of("Roster"),
    };
    const told = async (olds: object, news: { node: string }) => {
      await enrollment().check(olds, news);
      return enrollment().diff(olds, news);
    };
    const refusals = async (node: string) =>
      (await roster().check(rosterInputs([node]), rosterInputs([node]))).failures;

    it.each(["user", "address", "hostKey"])(
      "J-A16 is neither drained nor reset to be joined again over a wrong %s",
      async (field) => {
        const node = await joinedNode(site.api);
        await node.createPod("web-1");
        await listIsStale();
        const wrong = { user: "nosuch", address: "127.0.0.2", hostKey: otherHostKey }[field];
        const host = { ...site.sshd.host, [field]: wrong };
        const olds = enrolled(node.nodeName);
        const news = { ...declared(node.nodeName), host, rejoinTrigger: "1" };
        expect(await told(olds, news)).toEqual({ changes: true, replaces: [] });
        expect(await refusals(node.nodeName)).toEqual([
          expect.stringMatching(/^host ".*": its new login \S+ does not lead to the machine that joined/),
        ]);
        // What the engine does when it is told to replace by an option.
        await expect(membership().remove(memberOn(site, node.nodeName))).rejects.toThrow(
          /connecting to host/,
        );
        await expect(enrollment().remove(olds)).rejects.toThrow(/connecting to host/);
        expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
        await expect(enrollment().update(olds, news)).rejects.toThrow(/connecting to host/);
        expect(await refusals(node.nodeName)).toEqual([]);
      },
    );

    it("J-A16 is refused at preview when a wrong login is all that changes", async () => {
      const node = await joinedNode(site.api);
      await listIsStale();
      const host = { ...site.sshd.host, port: await deadPort() };
      const news = { ...declared(node.nodeName), host };
      expect(await told(enrolled(node.nodeName), news)).toEqual({ changes: true, replaces: [] });
      expect(await refusals(node.nodeName)).toEqual([expect.stringMatching(/connect ECONNREFUSED/)]);
      await expect(enrollment().update(enrolled(node.nodeName), news)).rejects.toThrow(
        "connect ECONNREFUSED",
      );
    });

    it("J-A16 is drained over the new login when it is moved and joined again in one change", async () => {
      const node = await joinedNode(site.api);
      await node.createPod("web-1");
      await using _ = node.kubelet();
      await listIsStale();
      const former = { ...site.sshd.host, port: await deadPort() };
      const news = { ...declared(node.nodeName), rejoinTrigger: "1" };
      const olds = enrolled(node.nodeName, { host: former });
      expect(await told(olds, news)).toEqual({ changes: true, replaces: ["rejoinTrigger"] });
      await membership().remove(memberOn(site, node.nodeName, { host: former }));
      expect(await node.podNames()).toEqual([]);
    });
  });

  it("keeps its Node and its pods when the host cannot be reached for its reset", async () => {
    const node = await joinedNode(site.api);
    await node.createPod("web-1");
    const host = { ...site.sshd.host, port: await deadPort() };
    const removal = site.provider.of("HostEnrollment").remove(enrolled(node.nodeName, { host }));
    await expect(removal).rejects.toThrow(
      `connecting to host "root@127.0.0.1:${host.port}": connect ECONNREFUSED`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });
});
