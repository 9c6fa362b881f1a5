// NodeMembership in the real provider process, on a real API server: staying as declared.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startFaultProxy } from "../../support/fault-proxy.ts";
import { owner } from "../../support/provider-inputs.ts";
import { type ResourceCalls, startProvider } from "../../support/provider-process.ts";
import {
  configFor,
  declaredOn,
  failureOf,
  joinedNode,
  memberOn,
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

describe("update", () => {
  it("removes keys that are no longer declared and none that never were", async () => {
    const node = await joinedNode(site.api, {
      labels: { tier: "general", gone: "1", foreign: "x" },
      annotations: { note: "x", ...stamped },
      taints: [
        { key: "dedicated", value: "batch", effect: "NoSchedule" },
        { key: "foreign", effect: "NoSchedule" },
      ],
    });
    const olds = memberOn(site, node.nodeName, {
      labels: { tier: "general", gone: "1" },
      annotations: { note: "x" },
      taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }],
    });
    await calls.update(olds, declaredOn(site, node.nodeName, { labels: { tier: "general" }, pool: "batch" }));
    expect(shown(await node.read())).toEqual({
      labels: { tier: "general", foreign: "x" },
      annotations: { "nodepools.local/owner": owner, "nodepools.local/pool": "batch" },
      taints: [{ key: "foreign", effect: "NoSchedule" }],
      cordoned: false,
    });
    expect(await node.marks()).toMatchObject({ owner: { name: owner, guarded: true }, pool: "batch" });
  });

  it("does not wait for a node that was Ready before", async () => {
    const node = await joinedNode(site.api, { notReady: "kubelet restarts" });
    const news = declaredOn(site, node.nodeName, { labels: { tier: "general" }, readyTimeoutSeconds: 3600 });
    const outs = await calls.update(memberOn(site, node.nodeName), news);
    expect(outs).toMatchObject({ joined: true, observed: { ready: "False" } });
  });

  it("keeps an operator's cordon and lifts the one that it declared", async () => {
    const operators = await joinedNode(site.api, { cordoned: true });
    await calls.update(
      memberOn(site, operators.nodeName),
      declaredOn(site, operators.nodeName, { pool: "batch" }),
    );
    const declared = await joinedNode(site.api, { cordoned: true });
    const olds = memberOn(site, declared.nodeName, { schedulable: false });
    await calls.update(olds, declaredOn(site, declared.nodeName));
    expect([await operators.isCordoned(), await declared.isCordoned()]).toEqual([true, false]);
  });

  it("takes over the stamp when the stack was renamed", async () => {
    const node = await joinedNode(site.api, { owner: "acme/nodepools/old" });
    const olds = memberOn(site, node.nodeName, { owner: "acme/nodepools/old" });
    await calls.update(olds, declaredOn(site, node.nodeName));
    expect(shown(await node.read()).annotations).toEqual(stamped);
  });

  it("says what to do when the Node has vanished", async () => {
    const failure = await failureOf(calls.update(memberOn(site, "vanished"), declaredOn(site, "vanished")));
    expect(failure.message).toBe(
      'settling node "vanished": it is no longer in the cluster. Run `pulumi up` again: it will be joined anew',
    );
  });

  it("loses nothing that another writer changes between its read and its write", async () => {
    await using proxy = await startFaultProxy(site.api);
    await using provider = await startProvider(configFor(proxy.kubeconfig, site.sshd.credentials));
    const node = await joinedNode(site.api);
    const theirs = { key: "theirs", effect: "NoSchedule" };
    proxy.onRequest = async ({ method }) => {
      if (method !== "PATCH" || proxy.count("PATCH", node.nodeName) > 1) return undefined;
      await node.patch({ metadata: { labels: { theirs: "1" } }, spec: { taints: [theirs] } });
      return undefined;
    };
    const ours = { key: "ours", effect: "NoExecute" } as const;
    const news = declaredOn(site, node.nodeName, { labels: { ours: "1" }, taints: [ours] });
    await provider.of("NodeMembership").update(memberOn(site, node.nodeName), news);
    const { labels, taints } = shown(await node.read());
    expect({ labels, taints }).toEqual({ labels: { theirs: "1", ours: "1" }, taints: [theirs, ours] });
    expect(proxy.count("PATCH", node.nodeName)).toBe(2);
  });
});
