// What the diff of an enrollment asks of cluster and host, in the real provider process.
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { openSession } from "../../../components/ssh/session.ts";
import { startApiServer } from "../../support/api-server.ts";
import { enrollmentInputs, enrollmentOutputs, urnOf } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import {
  configFor,
  deadPort,
  joinedNode,
  listIsStale,
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
      const node = await joinedNode(site.api, { machineId: thisMachine });
      onTestFinished(() => node.core.deleteNode({ name: node.nodeName }).then(() => undefined));
      await joinEnds();
      expect(await planned).toEqual({ changes: false, replaces: [] });
      expect(remarks(site.provider, urnOf("HostEnrollment", "late"))).toEqual([]);
    });
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
      `connecting to host "root@127.0.0.1:${host.port}": connect ECONNREFUSED`,
    );
    expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  });
});
