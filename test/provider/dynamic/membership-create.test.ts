// NodeMembership in the real provider process, on a real API server: becoming ready, in time or not.

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { markLabels } from "../../support/marks.ts";
import { owner } from "../../support/provider-inputs.ts";
import type { ResourceCalls } from "../../support/provider-process.ts";
import {
  deadPort,
  declaredOn,
  failureOf,
  joinedNode,
  listIsStale,
  type Site,
  shown,
  stamped,
  startSite,
} from "./site.ts";

let site: Site;
let calls: ResourceCalls;

beforeAll(async () => {
  site = await startSite();
  calls = site.provider.of("NodeMembership");
});
afterAll(() => site[Symbol.asyncDispose]());

beforeEach(() => {
  site.provider.lines.length = 0;
});

describe("create", () => {
  it("J-C1 a join that does not say that it has joined counts only if its Node is there", async () => {
    const joinDoubt = "(nothing)";
    await expect(calls.create(declaredOn(site, "never-joined", { joinDoubt }))).rejects.toThrow(
      "the host did not say that it has joined",
    );
    // As after a run that ended between join and membership, and a login that was changed before the next one.
    const { nodeName } = await joinedNode(site.api, {});
    const { outs } = await calls.create(declaredOn(site, nodeName, { joinDoubt }));
    expect(outs.joined).toBe(true);
  });

  it("settles the Node and revokes the bootstrap token, keeping what is foreign", async () => {
    const foreign = { key: "disk", effect: "NoSchedule" };
    const node = await joinedNode(site.api, {
      labels: { "kubernetes.io/arch": "amd64", tier: "old" },
      annotations: { "csi.example.com/id": "x" },
      taints: [foreign],
    });
    const { core } = node;
    const metadata = { name: "bootstrap-token-abcdef" };
    const body = { metadata, type: "bootstrap.kubernetes.io/token", stringData: { "token-id": "abcdef" } };
    await core.createNamespacedSecret({ namespace: "kube-system", body });

    const inputs = declaredOn(site, node.nodeName, {
      labels: { tier: "general" },
      annotations: { note: "x" },
      taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }],
      schedulable: false,
      tokenId: "abcdef",
    });
    const { id, outs } = await calls.create(inputs);

    const settled = await node.read();
    expect(shown(settled)).toEqual({
      labels: { "kubernetes.io/arch": "amd64", tier: "general" },
      annotations: { "csi.example.com/id": "x", note: "x", ...stamped },
      taints: [foreign, { key: "dedicated", value: "batch", effect: "NoSchedule" }],
      cordoned: true,
    });
    expect(settled.metadata?.labels).toMatchObject(markLabels({ owner, pool: "workers", cordoned: true }));
    expect(id).toBe(node.nodeName);
    expect(outs).toEqual({
      ...inputs,
      joined: true,
      observed: {
        uid: settled.metadata?.uid,
        ready: "True",
        schedulable: false,
        kubeletVersion: "v1.34.4",
        containerRuntime: "",
        internalIp: "",
        conditions: [],
      },
    });
    const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
    expect(items.filter((secret) => secret.metadata?.name === metadata.name)).toEqual([]);
  });

  it("waits for the Node of this machine: another machine's ready Node of the same name does not count", async () => {
    const node = await joinedNode(site.api, { machineId: "another", annotations: { untouched: "yes" } });
    await listIsStale();
    const inputs = declaredOn(site, node.nodeName, { readyTimeoutSeconds: 1 });
    const failure = await failureOf(calls.create(inputs));
    expect(failure.reasons[0]).toBe(
      `waiting for node "${node.nodeName}" to be Ready: not after 1 s; its Node is not registered. The host stays joined: mend the cause and run \`pulumi up\` again, or change its rejoinTrigger to start it over`,
    );
    expect(failure.properties).toMatchObject({ joined: false, observed: null });
    expect(shown(await node.read()).annotations).toEqual({
      "nodepools.local/owner": owner,
      untouched: "yes",
    });
  });

  it("ends the wait when the Node becomes Ready", async () => {
    const node = await joinedNode(site.api, { notReady: "cni plugin not initialized" });
    await listIsStale();
    const created = calls.create(declaredOn(site, node.nodeName, { readyTimeoutSeconds: 60 }));
    const live = () => site.provider.lines.filter((line) => line.ephemeral).map(({ message }) => message);
    const waiting = /^waiting for Ready \d+ s of 60 s: Ready is False \(cni plugin not initialized\)$/;
    await expect.poll(() => live()[0], { timeout: 30_000 }).toMatch(waiting);
    await node.report(true);
    expect((await created).outs).toMatchObject({ joined: true, observed: { ready: "True" } });
    expect(live().at(-1)).toMatch(/^Ready after \d+ s$/);
  });

  it("refuses a Node that belongs to another stack, changing nothing", async () => {
    const node = await joinedNode(site.api, { owner: "acme/nodepools/other" });
    const before = await node.read();
    const failure = await failureOf(calls.create(declaredOn(site, node.nodeName)));
    expect(failure.message).toBe(
      `settling node "${node.nodeName}": it belongs to stack acme/nodepools/other. Remove the host from one of the two declarations, or wipe the machine`,
    );
    expect(failure.id).toBeUndefined();
    expect((await node.read()).metadata?.resourceVersion).toBe(before.metadata?.resourceVersion);
  });
});

describe("a node that does not become Ready in time", () => {
  it("J-16 stays in state, whole and with its reasons, and the next update finishes it", async () => {
    const node = await joinedNode(site.api, { notReady: "cni plugin not initialized" });
    await listIsStale();
    await node.createPod("cni", { phase: "Pending" });
    await node.createPod("healthy");
    const log = "E1121 pod_workers.go: cni config uninitialized\\nI1121 all is well";
    writeFileSync(join(site.sshd.folder, "bin/journalctl"), `#!/bin/sh\nprintf '${log}\\n'\n`);
    chmodSync(join(site.sshd.folder, "bin/journalctl"), 0o755);

    const inputs = declaredOn(site, node.nodeName, { readyTimeoutSeconds: 1, labels: { tier: "general" } });
    const failure = await failureOf(calls.create(inputs));
    expect(failure.id).toBe(node.nodeName);
    expect(failure.reasons).toEqual([
      `waiting for node "${node.nodeName}" to be Ready: not after 1 s; Ready is False (cni plugin not initialized). The host stays joined: mend the cause and run \`pulumi up\` again, or change its rejoinTrigger to start it over`,
      `pod ${node.key("cni")}: Pending`,
      "kubelet: E1121 pod_workers.go: cni config uninitialized",
    ]);
    const { __provider, ...properties } = failure.properties ?? {};
    expect(__provider).toContain("nodepools/provider");
    expect(properties).toMatchObject({ ...inputs, joined: false, observed: { ready: "False" } });
    expect(shown(await node.read()).labels).toEqual({});

    const again = await failureOf(calls.update(properties, inputs));
    expect(again.properties).toMatchObject({ joined: false, observed: { ready: "False" } });
    expect(shown(await node.read()).labels).toEqual({});

    await node.report(true);
    await listIsStale();
    expect(await calls.update(properties, inputs)).toMatchObject({
      joined: true,
      observed: { ready: "True" },
    });
    expect(shown(await node.read()).labels).toEqual({ tier: "general" });
  });

  it("names what could not be asked", async () => {
    const node = await joinedNode(site.api, { notReady: "starting" });
    await listIsStale();
    const port = await deadPort();
    const host = { ...site.sshd.host, port };
    const failure = await failureOf(
      calls.create(declaredOn(site, node.nodeName, { readyTimeoutSeconds: 0, host })),
    );
    expect(failure.reasons.slice(1)).toEqual([
      `its kubelet's log could not be read: connecting to host "root@127.0.0.1:${port}": connect ECONNREFUSED 127.0.0.1:${port}. Check that the host is on, that address and port are right, and that a firewall lets SSH through.`,
    ]);
  });
});
