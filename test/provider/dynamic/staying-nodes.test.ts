// Nodes that are about to leave while too few Ready ones would stay, in the real provider process.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { rosterInputs } from "../../support/provider-inputs.ts";
import { joinedNode, listIsStale, memberOn, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
});
afterAll(() => site[Symbol.asyncDispose]());

it("are neither cordoned nor drained while no node that stays is Ready", async () => {
  const [node, other] = [await joinedNode(site.api), await joinedNode(site.api)];
  await node.createPod("web-1");
  await using _ = node.kubelet();
  const leave = () => site.provider.of("NodeMembership").remove(memberOn(site, node.nodeName));
  await site.provider.of("Roster").diff(rosterInputs([node.nodeName]), rosterInputs([other.nodeName]));
  await other.setReady("False");
  await listIsStale();
  await expect(leave()).rejects.toThrow(
    `no node that stays is Ready: ${node.nodeName} is kept. Mend ${other.nodeName} (not Ready), then run again`,
  );
  expect([await node.podNames(), await node.isCordoned()]).toEqual([["web-1"], false]);
  await other.setReady("True");
  await listIsStale();
  await leave();
  expect(await node.podNames()).toEqual([]);
});

it("are looked at again when their turn comes after a while", async () => {
  const [one, two, other] = [
    await joinedNode(site.api),
    await joinedNode(site.api),
    await joinedNode(site.api),
  ];
  for (const node of [one, two]) await node.createPod("web-1");
  const drain = { timeoutSeconds: 40, deleteEmptyDirData: false, force: false };
  const leave = (node: typeof one) =>
    site.provider.of("NodeMembership").remove(memberOn(site, node.nodeName, { pool: "turns", drain }));
  const names = [one.nodeName, two.nodeName];
  await site.provider.of("Roster").diff(rosterInputs(names), rosterInputs([other.nodeName]));
  await listIsStale();
  const first = leave(one);
  await vi.waitUntil(() => one.isTerminating("web-1"), { timeout: 20_000, interval: 100 });
  const second = leave(two);
  second.catch(() => undefined);
  const isInLine = () =>
    site.provider.lines.some(({ message }) => message.startsWith("waiting for a slot in pool turns"));
  await vi.waitUntil(isInLine, { timeout: 20_000, interval: 100 });
  await sleep(11_000);
  await other.setReady("False");
  await listIsStale();
  await using _ = one.kubelet();
  await first;
  await expect(second).rejects.toThrow(/no node that stays is Ready/);
  expect(await two.podNames()).toEqual(["web-1"]);
});

it("are not cordoned together while fewer of their pool are Ready than limits.minReady", async () => {
  const [leaving, staying] = [await joinedNode(site.api), await joinedNode(site.api)];
  await listIsStale();
  const { members, pools } = rosterInputs([staying.nodeName, "w-refused"]);
  const news = { members, pools: pools.map((pool) => ({ ...pool, limits: { minReady: 2 } })) };
  const olds = rosterInputs([leaving.nodeName, staying.nodeName]);
  await expect(site.provider.of("Roster").update(olds, rosterInputs([], news))).rejects.toThrow(
    `pool "workers" would have fewer Ready nodes than limits.minReady 2: ${leaving.nodeName} is kept. Mend w-refused (not in the cluster)`,
  );
  expect(await leaving.isCordoned()).toBe(false);
});
